"""Archives that are passed on: the same bytes every time, and nothing that was changed is read."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netspaces.files.archive import SUMS, names_in_archive, read_archive, unpack_archive, write_archive
from netspaces.files.safe import DamagedFile

CONTENTS = {"b/two.csv": b"1,2\n" * 50, "a.parquet": bytes(range(256)), "empty.txt": b""}


@pytest.fixture
def archive(tmp_path) -> Path:
    write_archive(tmp_path / "a.zip", CONTENTS)
    return tmp_path / "a.zip"


def packed(path: Path, files: dict[str, bytes]) -> Path:
    """A zip file as others would write it."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@given(st.dictionaries(st.from_regex(r"[a-z]{1,3}(/[a-z]{1,3})?\.(csv|png)", fullmatch=True), st.binary(max_size=99)))
def test_what_is_read_is_what_was_packed(tmp_path_factory, contents):
    path = tmp_path_factory.getbasetemp() / "any.zip"
    write_archive(path, contents)
    assert read_archive(path, "an archive") == contents


def test_the_same_files_give_the_same_bytes_whenever_and_in_whatever_order_they_are_packed(archive, tmp_path):
    (tmp_path / "file").write_bytes(CONTENTS["b/two.csv"])
    os.utime(tmp_path / "file", (1e9, 1e9))
    write_archive(tmp_path / "b.zip", {**dict(reversed(CONTENTS.items())), "b/two.csv": tmp_path / "file"})
    assert (tmp_path / "b.zip").read_bytes() == archive.read_bytes()


def test_any_program_unpacks_and_checks_it(archive, tmp_path):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "there")
    checked = subprocess.run(["sha256sum", "--check", "--quiet", SUMS], cwd=tmp_path / "there")
    assert checked.returncode == 0


def test_wanted_files_alone_are_read_and_unpacked(archive, tmp_path):
    assert names_in_archive(archive, "an archive") == sorted(CONTENTS)
    unpack_archive(archive, tmp_path / "there", "an archive", lambda name: name.startswith("b/"))
    files = [path for path in (tmp_path / "there").rglob("*") if path.is_file()]
    assert [file.read_bytes() for file in files] == [CONTENTS["b/two.csv"]]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": b"1"}, f"it has no {SUMS}, expected a bundle"),
        ({"a": b"1", SUMS: b""}, "'a' is not in it and in its SHA256SUMS"),
        ({SUMS: b"0" * 64 + b"  gone\n"}, "'gone' is not in it and in its SHA256SUMS"),
        ({"a": b"1", SUMS: b"0" * 64 + b"  a\n"}, "a does not have the digest in SHA256SUMS"),
        ({"../a": b"1", SUMS: b"0" * 64 + b"  ../a\n"}, "'../a' is not in it and in its SHA256SUMS, by a plain name"),
        ({"/a": b"1", SUMS: b"0" * 64 + b"  /a\n"}, "'/a' is not in it and in its SHA256SUMS, by a plain name"),
    ],
)
def test_what_is_no_archive_of_ours_is_refused_in_one_line(files, expected, tmp_path):
    path = packed(tmp_path / "x.zip", files)
    with pytest.raises(DamagedFile) as error:
        unpack_archive(path, tmp_path / "there", "a bundle")
    assert str(path) in str(error.value) and expected in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "there").exists() and not (tmp_path.parent / "a").exists()


@pytest.mark.parametrize("content", [b"", b"no zip file", b"PK\x03\x04" + b"0" * 99])
def test_another_file_is_refused(content, tmp_path):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(DamagedFile, match=r"x\.zip is damaged .* expected a bundle"):
        read_archive(tmp_path / "x.zip", "a bundle")


def test_a_change_of_a_byte_is_found_or_harmless(archive):
    content = archive.read_bytes()
    refused = 0
    for at in range(0, len(content), 5):
        archive.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            assert read_archive(archive, "an archive") == CONTENTS
        except DamagedFile:
            refused += 1
    assert refused > len(CONTENTS["a.parquet"]) / 5
