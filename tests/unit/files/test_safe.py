"""Files: written whole or not at all, with the permissions the user asked for, whoever else writes them."""

import json
import math
import os
import stat
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.files.safe import DamagedFile, check_regular, digest, read_json, write_atomically, write_json, write_text

laws = settings(deadline=None, derandomize=True, max_examples=25)


def test_a_file_and_its_folders_are_made(tmp_path):
    path = tmp_path / "new" / "folder" / "file.bin"
    write_atomically(path, lambda file: file.write(b"\x00\xff"))
    assert path.read_bytes() == b"\x00\xff"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), SystemExit(1)])
def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path, error):
    path = tmp_path / "file"
    write_text(path, "old")

    def fail(file):
        file.write(b"half of the new")
        raise error

    with pytest.raises(type(error)):
        write_atomically(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_readers_see_the_old_or_the_new_content_and_never_half(tmp_path):
    path = tmp_path / "file"
    write_text(path, "old")

    def write(file):
        for part in (b"n", b"e", b"w"):
            file.write(part)
            file.flush()
            assert path.read_text() == "old"

    write_atomically(path, write)
    assert path.read_text() == "new"


@pytest.mark.parametrize("mask, mode", [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions_follow_the_umask(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        write_text(tmp_path / "file", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode


def test_many_writers_of_one_file_do_no_harm(tmp_path):
    path = tmp_path / "shared.json"
    contents = [{"writer": writer, "data": [writer] * 2000} for writer in range(8)]
    failures = []

    def work(content):
        try:
            for _ in range(10):
                write_json(path, content)
                assert read_json(path, "data") in contents
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_utf8(tmp_path):
    write_text(tmp_path / "file", "é ≤ π\n")
    assert (tmp_path / "file").read_bytes() == "é ≤ π\n".encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_json_refuses_what_json_does_not_have(tmp_path, value):
    path = tmp_path / "file.json"
    write_json(path, {"error": 1.0})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"error": [value]})
    assert read_json(path, "an error") == {"error": 1.0}


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans() | st.none()
json_values = st.recursive(numbers | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@laws
@given(content=st.dictionaries(st.text(), json_values))
def test_json_comes_back_as_it_was(tmp_path_factory, content):
    content.pop("digest", None)
    path = tmp_path_factory.mktemp("json") / "file.json"
    write_json(path, content)
    assert read_json(path, "anything") == content
    assert list(json.loads(path.read_text()))[-1] == "digest"


@pytest.fixture
def limits_file(tmp_path):
    """A small JSON file with a digest."""
    path = tmp_path / "limits.json"
    write_json(path, {"constraints": ["flops < 1e9"], "multipliers": {"params": 1.25}, 3: None})
    return path


def test_every_flipped_bit_of_a_json_file_is_found_or_harmless(limits_file):
    content, said = limits_file.read_bytes(), read_json(limits_file, "limits")
    found = 0
    for bit in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        limits_file.write_bytes(damaged)
        try:
            assert read_json(limits_file, "limits") == said
        except DamagedFile as error:
            found += 1
            assert str(error).startswith(f"{limits_file} is damaged (") and "\n" not in str(error)
    assert found > 0.9 * 8 * len(content)  # the rest is white space


NESTED = b'{"constraints": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", "not JSON"),
        (b'{"constraints": [', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (NESTED, "nested too deeply"),
        (b'{"constraints": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"constraints": NaN}', "no digest"),
        (b"[1, 2]", "holds [1, 2]"),
        (b'{"constraints": []}', "no digest"),
        (b'{"constraints": [], "digest": 3}', "no digest"),
        (b'{"constraints": [], "digest": "' + b"0" * 64 + b'"}', "its digest is not that of its contents"),
    ],
)
def test_a_damaged_json_file_is_one_line_that_names_it_and_what_was_expected(tmp_path, content, why):
    path = tmp_path / "limits.json"
    path.write_bytes(content)
    with pytest.raises(DamagedFile) as caught:
        read_json(path, "limits on complexity")
    assert str(caught.value).startswith(f"{path} is damaged (") and why in str(caught.value)
    assert str(caught.value).endswith("expected limits on complexity): remove it and run again")


def test_a_folder_in_place_of_a_json_file_and_a_file_of_another_kind_are_named(tmp_path, limits_file):
    with pytest.raises(DamagedFile, match="a folder, expected limits"):
        read_json(tmp_path, "limits")
    with pytest.raises(DamagedFile, match="no architecture, expected a selected network"):
        read_json(limits_file, "a selected network", ["architecture"])


def test_a_file_from_before_digests_is_read_where_that_is_allowed_and_a_wrong_digest_never_is(limits_file):
    content = json.loads(limits_file.read_text())
    limits_file.write_text(json.dumps(content | {"digest": "short digest of sources"}))
    assert read_json(limits_file, "limits", digest_needed=False)["digest"] == "short digest of sources"
    limits_file.write_text(json.dumps(content | {"constraints": []}))
    with pytest.raises(DamagedFile, match="digest"):
        read_json(limits_file, "limits", digest_needed=False)


def test_a_missing_json_file_is_not_a_damaged_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "nothing.json", "limits")


# ---- Digests ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sources(tmp_path):
    """Three source files."""
    paths = [tmp_path / name for name in ("a.py", "b.py", "c.py")]
    for path in paths:
        path.write_text(f"# {path.name}\n")
    return paths


def test_a_digest_does_not_depend_on_the_order_or_the_kind_of_path(sources):
    assert digest(sources) == digest(reversed(sources)) == digest(iter(map(str, sources)))


def test_a_digest_does_not_depend_on_where_the_files_lie(sources, tmp_path):
    moved = [tmp_path / "elsewhere" / path.name for path in sources]
    for old, new in zip(sources, moved, strict=True):
        write_text(new, old.read_text())
    assert digest(moved) == digest(sources)


def test_a_digest_changes_with_contents_names_and_files(sources):
    digests = {digest(sources), digest(sources[:2])}
    sources[0].write_text("# A.py\n")
    digests.add(digest(sources))
    digests.add(digest([sources[0].rename(sources[0].with_name("d.py")), *sources[1:]]))
    sources[1].write_text(sources[2].read_text())
    digests.add(digest(sources[1:]))
    sources[1].write_text("")
    digests.add(digest(sources[1:]))
    assert len(digests) == 6


def test_a_pipe_in_place_of_a_file_is_named_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "limits.json")
    with pytest.raises(DamagedFile, match="no regular file, expected limits"):
        check_regular(tmp_path / "limits.json", "limits")
