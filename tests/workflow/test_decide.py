"""Growing until decided, with the engine: populations double, and nothing is trained twice."""

import os
import subprocess
import sys

import pandas as pd
from helpers.patience import PATIENCE
from helpers.running import REPOSITORY

TINY = REPOSITORY / "tests" / "workflow" / "tiny.yaml"


def test_populations_double_and_the_same_command_trains_nothing_again(tmp_path):
    command = [sys.executable, "-m", "netspaces.workflow.decide", "--configfile", str(TINY)]
    command += ["--until", "regnet_beats_e", "--hours", "1", "--looks", "2"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "scripts")}
    told = {}
    for time in ("first", "second"):
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        told[time] = ended.stdout
        populations = tmp_path / "results" / "digits" / "populations"
        for name in ("AnyNetX_E-base-short", "RegNetX-base-short"):
            assert len(pd.read_parquet(populations / f"{name}.parquet")) == 6
        assert len(list((tmp_path / "results" / "digits" / "runs").glob("*.json"))) == 12
    looks = pd.read_csv(tmp_path / "results" / "digits" / "decide" / "looks.csv")
    assert looks["networks"].tolist() == [3, 6] and looks["hours"].tolist() == [0, 0]
    assert "look 2 of 2, 6 networks per population" in told["first"]
    assert "all looks are used up; undecided: regnet_beats_e." in told["second"]
