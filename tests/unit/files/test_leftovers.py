"""Temporary files of killed writers go when their file is written or they are a day old; those of living ones stay."""

import fcntl
import os
import time

from netspaces.files.safe import DAY, remove_old_leftovers, write_text

TEMPORARY = "0123456789abcdef"


def leftover(folder, name, age=0.0):
    """What a killed writer of a file left, `age` seconds ago."""
    path = folder / f".{name}.{TEMPORARY}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("half of it")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_writing_a_file_removes_what_its_killed_writers_left_and_nothing_else(tmp_path):
    own, other = leftover(tmp_path, "a.json"), leftover(tmp_path, "b.json")
    write_text(tmp_path / "a.json", "whole")
    assert not own.exists() and other.exists() and (tmp_path / "a.json").read_text() == "whole"


def test_what_is_a_day_old_goes_in_every_folder(tmp_path):
    old = [leftover(tmp_path, "a.json", DAY + 60), leftover(tmp_path / "runs/deep", "b.checkpoint", DAY + 60)]
    new, file = (
        leftover(tmp_path / "runs", "c.json", DAY - 600),
        leftover(tmp_path, "x", DAY + 60).rename(tmp_path / ".x.y"),
    )
    assert remove_old_leftovers(tmp_path) == 2
    assert not any(path.exists() for path in old) and new.exists() and file.exists()


def test_what_a_living_writer_owns_stays_however_old(tmp_path):
    owned = leftover(tmp_path, "a.json", DAY + 60)
    with open(owned, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert remove_old_leftovers(tmp_path) == 0
        write_text(tmp_path / "a.json", "of another writer")
        assert owned.exists()
    assert remove_old_leftovers(tmp_path) == 1
