"""Growing until decided, with the engine: populations double, and nothing is trained twice."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from helpers import engine
from helpers.patience import PATIENCE
from helpers.running import REPOSITORY
from netspaces.workflow import decide

TINY = REPOSITORY / "tests" / "workflow" / "tiny.yaml"
TYPED = ["--configfile", str(TINY), "--until", "regnet_beats_e", "--hours", "1", "--looks", "2"]


def told_by_the_command(folder: Path) -> str:
    """What the command says, as it is typed."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "scripts")}
    command = [sys.executable, "-m", "netspaces.workflow.decide", *TYPED]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def told_again(folder: Path, monkeypatch, capsys) -> str:
    """What it says again, in this process, with an engine that is forked."""

    def run(files, profile, targets):
        given = ("--snakefile", str(REPOSITORY / "Snakefile"), "--profile", profile, "--configfile", *map(str, files))
        done = engine.run_engine(*given, "--", *targets, folder=folder)
        assert done.returncode == 0 and "\ntrain" not in done.stdout, done.stdout

    monkeypatch.chdir(folder)
    monkeypatch.setattr(decide, "run_engine", run)
    decide.main(TYPED)
    return capsys.readouterr().out


@pytest.mark.slow
def test_populations_double_and_the_same_command_trains_nothing_again(tmp_path, monkeypatch, capsys):
    first = told_by_the_command(tmp_path)
    results = tmp_path / "results" / "digits"
    for name in ("AnyNetX_E-base-short", "RegNetX-base-short"):
        assert len(pd.read_parquet(results / "populations" / f"{name}.parquet")) == 6
    assert len(list((results / "runs").glob("*.json"))) == 12
    looks = pd.read_csv(results / "decide" / "looks.csv")
    assert looks["networks"].tolist() == [3, 6] and looks["hours"].max() > 0
    assert "look 2 of 2, 6 networks per population" in first
    second = told_again(tmp_path, monkeypatch, capsys)
    again = pd.read_csv(results / "decide" / "looks.csv")
    assert again["networks"].tolist() == [3, 6] and again["hours"].tolist() == [0, 0]
    assert "all looks are used up; undecided: regnet_beats_e." in second
    pd.testing.assert_frame_equal(again.drop(columns="hours"), looks.drop(columns="hours"))
