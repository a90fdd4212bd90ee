"""Tables that are read back: what was written comes back, and what was not is refused with one line."""

import shutil
import subprocess

import pandas as pd
import pytest
from netspaces.files.safe import DamagedFile
from netspaces.files.tables import read_csv, read_parquet, write_csv, write_parquet

TABLE = pd.DataFrame(
    {
        "index": [0, 1, 2],
        "error": [0.1 + 0.2, 1e-300, None],
        "epochs": pd.array([3, None, 5], "Int64"),
        "widths": ["8;16", "24", "8"],
    }
)
KINDS = {".parquet": (write_parquet, read_parquet), ".csv": (write_csv, read_csv)}


@pytest.fixture(params=KINDS)
def kind(request, tmp_path):
    """A table on disk, and the reader of its kind."""
    write, read = KINDS[request.param]
    path = tmp_path / f"table{request.param}"
    write(path, TABLE)
    return path, read


def test_a_table_comes_back_as_it_was(kind):
    path, read = kind
    back = read(path, "a table", ["index", "error"])
    pd.testing.assert_frame_equal(back, TABLE, check_exact=True, check_dtype=path.suffix == ".parquet")


def test_the_same_table_is_written_in_the_same_bytes(kind, tmp_path):
    path, _ = kind
    KINDS[path.suffix][0](tmp_path / "again", TABLE)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_flipped_bits_and_cut_files_are_found_before_anything_is_decoded(kind):
    path, read = kind
    content = path.read_bytes()
    for at in range(0, len(content), max(1, len(content) // 200)):
        damaged = bytearray(content)
        damaged[at] ^= 1 << at % 8
        for wrong in (bytes(damaged), content[:at]):
            path.write_bytes(wrong)
            with pytest.raises(DamagedFile) as caught:
                read(path, "a table")
            assert str(caught.value).startswith(f"{path} is damaged (") and "\n" not in str(caught.value)


def test_a_missing_column_and_a_folder_are_named(kind, tmp_path):
    path, read = kind
    with pytest.raises(DamagedFile, match="it has no column depths, expected the sampled networks"):
        read(path, "the sampled networks", ["index", "depths"])
    with pytest.raises(DamagedFile, match="a folder, expected the sampled networks"):
        read(tmp_path, "the sampled networks")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing", "the sampled networks")


def test_a_table_that_others_wrote_is_refused(tmp_path):
    TABLE.to_parquet(tmp_path / "table.parquet")
    TABLE.to_csv(tmp_path / "table.csv")
    with pytest.raises(DamagedFile, match="no digest"):
        read_parquet(tmp_path / "table.parquet", "a table")
    with pytest.raises(DamagedFile, match=r"its digest table\.csv\.sha256 is missing"):
        read_csv(tmp_path / "table.csv", "a table")


def test_a_csv_file_and_its_digest_cannot_take_the_place_of_another_table(tmp_path):
    write_csv(tmp_path / "a table.csv", TABLE)
    for suffix in ("", ".sha256"):
        shutil.copy(tmp_path / f"a table.csv{suffix}", tmp_path / f"other.csv{suffix}")
    assert len(read_csv(tmp_path / "a table.csv", "a table")) == 3
    with pytest.raises(DamagedFile, match=r"other\.csv is damaged \(by other\.csv\.sha256 it is a table\.csv, exp"):
        read_csv(tmp_path / "other.csv", "a table")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs coreutils")
def test_the_digest_beside_a_csv_file_is_one_that_sha256sum_understands(tmp_path):
    write_csv(tmp_path / "table.csv", TABLE)
    check = ["sha256sum", "--check", "--status", "table.csv.sha256"]
    assert subprocess.run(check, cwd=tmp_path).returncode == 0
    (tmp_path / "table.csv").write_text("index\n")
    assert subprocess.run(check, cwd=tmp_path).returncode == 1
