"""Of many equal lines of many jobs the first is said, and at the end how many were like it."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from netspaces.workflow import repeated
from netspaces.workflow.jobs import job
from netspaces.workflow.repeated import FOLDER, PREFIX, conclude, count_repeated, is_first, remove_old_folders

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture
def shared(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    monkeypatch.setenv(FOLDER, str(folder))
    return folder


def test_the_first_of_equal_lines_is_said_and_the_others_are_counted(shared, tmp_path, capsys):
    for number in range(50):
        with pytest.raises(SystemExit), job(SimpleNamespace(log=[str(tmp_path / f"{number}.log")], config={})):
            raise OSError(f"runs/{number}.json: disk full" if number % 10 else "another cause")
    assert capsys.readouterr().err == "error: another cause\nerror: runs/1.json: disk full\n"
    assert "disk full" in (tmp_path / "49.log").read_text()
    said = []
    conclude(shared, said.append)
    assert said == ["4 more like it: error: another cause", "44 more like it: error: runs/1.json: disk full"]
    assert not shared.exists()


def test_lines_are_counted_across_processes(shared):
    code = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r})\n"
    code += "from netspaces.workflow.repeated import is_first\nprint(sum(is_first(f'line {i}') for i in range(100)))"
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(3)]
    assert sum(int(process.communicate()[0]) for process in running) == 1
    said = []
    conclude(shared, said.append)
    assert [line.split(" more")[0] for line in said] == ["299"]


@pytest.mark.parametrize("folder", ["", "relative", "/nowhere/at/all"])
def test_jobs_that_share_no_folder_say_everything(monkeypatch, folder):
    monkeypatch.setenv(FOLDER, folder)
    assert is_first("line") and is_first("line")


def test_a_line_said_once_is_not_repeated_at_the_end(shared):
    assert is_first("only once \udc80")
    said = []
    conclude(shared, said.append)
    assert said == []


def test_the_folder_is_of_this_run(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, "before")
    monkeypatch.setattr(repeated.tempfile, "tempdir", str(tmp_path))
    ends = []
    monkeypatch.setattr(repeated.atexit, "register", lambda *call: ends.append(call))
    count_repeated(print)
    assert Path(os.environ[FOLDER]).parent == tmp_path
    for end, *arguments in ends:
        end(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_folders_of_runs_that_were_killed_are_removed_after_a_day_and_those_of_living_ones_stay(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, "before")
    monkeypatch.setattr(repeated.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(repeated.atexit, "register", lambda *call: None)
    killed, young = tmp_path / f"{PREFIX}killed", tmp_path / f"{PREFIX}young"
    for folder in (killed, young):
        folder.mkdir()
        (folder / "line").write_text("said\n")
    count_repeated(print)
    living = Path(os.environ[FOLDER])
    for folder in (killed, living):
        os.utime(folder, (0, 0))
    remove_old_folders(tmp_path)
    assert set(tmp_path.iterdir()) == {young, living}
