"""What is missing and why, from the logs that jobs leave."""

import json
import os
from pathlib import Path

import pytest
from netspaces.configuration.loading import load
from netspaces.data.datasets import load as load_dataset
from netspaces.data.preparation import prepare
from netspaces.populations.missing import (
    NOT_ENDED,
    NOT_STARTED,
    Logs,
    Missing,
    last_error,
    look,
    reason,
    report,
    slurm_error,
)
from netspaces.spaces.sampling import sample
from netspaces.training.process import StopRequest
from netspaces.training.store import run_keys
from netspaces.training.train import train_network
from netspaces.training.workers import TasksFailed, run_all

CONFIG = Path(__file__).parents[3] / "config"
OWN = """network 3: finished, error 12.00 %, 1.5 s
network 4: failed
Traceback (most recent call last):
  File "train.py", line 30, in <module>
torch.OutOfMemoryError: CUDA out of memory.
network 5: failed
Traceback (most recent call last):
  File "records.py", line 60, in read_record
netspaces.training.records.RecordError: results/digits/runs/0123.json: not JSON; delete the file
network 6: finished, error 11.00 %, 1.5 s
Traceback (most recent call last):
  File "train.py", line 54, in <module>
torch.OutOfMemoryError: CUDA out of memory.
"""
TIME_LIMIT = """slurmstepd: error: *** STEP 7.0 ON node1 CANCELLED AT 2026-11-24T08:52:18 DUE TO TIME LIMIT ***
slurmstepd: error: *** JOB 7 ON node1 CANCELLED AT 2026-11-24T08:52:18 DUE TO TIME LIMIT ***
srun: Job step aborted: Waiting up to 7 seconds for job step to finish.
"""
MEMORY = """slurmstepd: error: Detected 1 oom_kill event in StepId=9.0. Some of the step tasks have been OOM Killed.
srun: error: node1: task 0: Out Of Memory
"""


def test_the_error_of_one_network_of_a_job():
    assert last_error(OWN, 4) == "torch.OutOfMemoryError: CUDA out of memory."
    assert last_error(OWN, 5).startswith("netspaces.training.records.RecordError: results/digits/runs/0123.json")
    assert last_error(OWN, 3) is None and last_error(OWN, 7) is None
    assert last_error("all is well\n") is None


@pytest.mark.parametrize(
    "text, expected",
    [
        (TIME_LIMIT, "DUE TO TIME LIMIT"),
        (TIME_LIMIT.replace("TIME LIMIT", "NODE FAILURE"), "DUE TO NODE FAILURE"),
        (TIME_LIMIT.replace("TIME LIMIT", "PREEMPTION"), "DUE TO PREEMPTION"),
        (MEMORY, "oom_kill event"),
        ("slurmstepd: error: *** JOB 9 ON node1 CANCELLED AT 2026-11-24T08:52:18 ***\n", "JOB 9 ON node1 CANCELLED"),
    ],
)
def test_what_slurm_says_when_it_ends_a_job(text, expected):
    assert expected in slurm_error(text)


def test_a_log_in_which_slurm_says_nothing():
    assert slurm_error("srun: cluster configuration lacks support for cpu binding\n1 of 1 steps (100%) done\n") is None


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "own, slurm, expected",
    [
        (None, None, NOT_STARTED),
        ("", None, NOT_ENDED),
        (OWN, None, "torch.OutOfMemoryError: CUDA out of memory."),
        (OWN, TIME_LIMIT, "torch.OutOfMemoryError: CUDA out of memory."),
        ("network 3: finished, error 1.00 %, 1.0 s\n", TIME_LIMIT, "DUE TO TIME LIMIT ***"),
        ("Traceback (most recent call last):\nnetspaces.datasets.DatasetError: wrong\n", None, "DatasetError: wrong"),
        (None, "WorkflowError: no such file\n", "WorkflowError: no such file"),
    ],
)
def test_the_reason_why_network_4_is_missing(tmp_path, own, slurm, expected):
    paths = [write(tmp_path / name, text) if text is not None else None for name, text in [("a", own), ("b", slurm)]]
    assert reason(4, *paths).endswith(expected)


def test_the_last_slurm_log_of_a_job_counts(tmp_path):
    logs = Logs(tmp_path / "train", tmp_path / "slurm")
    assert logs.of("A", "00000-00004_1of5") == (None, None)
    own = write(tmp_path / "train" / "A" / "00000-00004_1of5.log", "")
    for age, number in enumerate((12, 9)):  # the numbers of a restarted cluster begin anew
        path = write(tmp_path / "slurm" / "A_00000-00004_1of5" / f"{number}.log", "")
        os.utime(path, (age, age))
    assert logs.of("A", "00000-00004_1of5") == (own, path)


def test_counts_by_cause_then_what_failed():
    runs = [
        "finished",
        "diverged",
        Missing("A", 1, "OutOfMemoryError: tried 3.2 GB", (Path("a.log"), Path("7.log"))),
        Missing("A", 2, "OutOfMemoryError: tried 4.1 GB", (Path("b.log"),)),
        Missing("A", 3, NOT_STARTED),
    ]
    assert report(runs) == [
        "2 of 5 runs are done, 1 of them diverged; 3 missing",
        "     2 OutOfMemoryError: tried # GB",
        "     1 not started",
        "A 1: OutOfMemoryError: tried 3.2 GB; see a.log, 7.log",
        "  1 more like it: A 2",
    ]


def test_many_runs_that_failed_alike_are_one_line_and_their_names():
    full = [Missing("A", i, f"OSError: run {i}: disk full", (Path(f"{i}.log"),)) for i in (0, 1, 2, 5, 6, 9)]
    other = [Missing("B", 3, "OSError: run 3: disk full"), Missing("B", 4, "ValueError: odd")]
    assert report([*full, *other])[1:] == [
        "     7 OSError: run # disk full",
        "     1 ValueError: odd",
        "A 0: OSError: run 0: disk full; see 0.log",
        "  6 more like it: A 1-2 5-6 9, B 3",
        "B 4: ValueError: odd",
    ]


@pytest.mark.parametrize("at_once", [1, 2])
def test_the_reason_is_found_in_what_a_job_of_several_networks_prints(capfd, at_once):
    def fail() -> None:
        raise ValueError("results/runs/1f.json: not JSON; delete the file")

    with pytest.raises(TasksFailed):
        run_all({"network 3": fail, "network 7": lambda: 1}, at_once, StopRequest())
    text = capfd.readouterr().out
    assert last_error(text, 3) == "Error: results/runs/1f.json: not JSON; delete the file"
    assert last_error(text, 7) is None


def test_the_runs_of_a_population_are_looked_up_in_the_store(tmp_path):
    configuration = load({}, CONFIG)
    prepare(configuration.settings["dataset"], tmp_path / "dataset")
    dataset = load_dataset(tmp_path / "dataset")
    drawn = sample(configuration.spaces["RegNetX"], {"flops": [1e5, 2e5]}, 0, range(3))
    recipe, store = {"epochs": 1}, tmp_path / "runs"
    of = dict(enumerate(run_keys(drawn, recipe, 0, dataset.checksum)))
    complexity = {name: int(values[0]) for name, values in drawn.complexity.columns().items()}
    record = train_network(drawn.architectures.row(0), complexity, recipe, 0, dataset, store)
    assert record["key"] == of[0]
    write(store / f"{of[1]}.json", json.dumps(record))
    shards, logs = {"00000-00001": [0, 1], "00002": [2]}, Logs(tmp_path / "logs", tmp_path / "slurm")
    first, second, third = look("A-base-short", shards, of, store, logs)
    assert first == "finished"
    assert second.index == 1 and second.reason.startswith("RecordError") and of[1] in second.reason
    assert third == Missing("A-base-short", 2, NOT_STARTED)
