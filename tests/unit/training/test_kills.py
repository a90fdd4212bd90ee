"""Kills and full disks: some of the trials of `benchmarks/kills.py`, which does all of them."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(__file__).parents[3] / "benchmarks" / "kills.py"


@pytest.mark.slow
def test_a_run_that_is_killed_or_whose_disk_is_full_ends_in_the_bytes_of_an_undisturbed_one():
    options = ["--events", "9", "--moments", "3", "--full", "6"]
    done = subprocess.run([sys.executable, str(COMMAND), *options], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split(", ")[:2] for line in done.stdout.splitlines()[1:]] == [
        ["full disks: 6 trials", "0 wrong"],
        ["kills at events: 9 trials", "0 wrong"],
        ["kills at random moments: 3 trials", "0 wrong"],
    ]
