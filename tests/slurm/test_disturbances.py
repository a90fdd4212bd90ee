"""Trainings that are disturbed in the middle end in the records of an undisturbed run.

One run has five jobs, and each of them meets something else. All are held still in the middle of training first, so
that nothing here depends on how fast the machine is.
"""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.cluster import Cluster, output, wait_until
from helpers.driver import Driver

SPACES = {
    "requeued": "AnyNetX_A",
    "evicted": "AnyNetX_B",  # preempted and not queued again
    "too_slow": "AnyNetX_C",
    "node_lost": "AnyNetX_D",
    "cancelled": "AnyNetX_E",
}
POPULATIONS = {fate: f"{space}-base-short" for fate, space in SPACES.items()}
TARGETS = [f"results/digits/populations/{name}.csv" for name in POPULATIONS.values()]
STUDY = {"title": "Five spaces", "figure": "error_distributions", "panels": {"all": list(SPACES.values())}}
SETTINGS = {
    "studies": {"five": STUDY},
    "run_studies": ["five"],
    "population_size": 2,
    "models_per_job": 2,
    "regimes": {"base": {"flops": [0.8e6, 1.0e6]}},  # large enough to be met in the middle of training
    "recipes": {"short": {"epochs": 8}},
    "checkpoint_seconds": 0.01,
}


def only(fate: str, value: str, other: str) -> str:
    """A resource that one job asks for."""
    return f"({value}) if wildcards.population == '{POPULATIONS[fate]}' else {other}"


RESOURCES = [
    f"train:slurm_partition={only('requeued', repr('low'), only('evicted', repr('spot'), repr('cpu')))}",
    f"train:gpu=1 if wildcards.population in {[POPULATIONS['requeued'], POPULATIONS['evicted']]} else 0",
    f"train:constraint={only('node_lost', repr('only_node2'), repr('only_node1'))}",
    f"train:runtime={only('too_slow', '1 if attempt == 1 else 9', '10')}",
]


@pytest.fixture(scope="module")
def undisturbed(cluster, tmp_path_factory) -> Driver:
    driver = Driver(tmp_path_factory.mktemp("undisturbed"), **SETTINGS)
    driver.run(*TARGETS, profile="profiles/local")
    return driver


def keys(driver: Driver, fate: str) -> set[str]:
    """The keys of a population's runs."""
    shards = (driver.results / "trained" / POPULATIONS[fate]).glob("*.json")
    return {entry["record"]["key"] for path in shards for entry in json.loads(path.read_text())["networks"]}


def job_of(driver: Driver, fate: str) -> dict[str, str]:
    """Id and node of a population's running job; empty if there is none."""
    listed = output("squeue", "-h", "-t", "running", "--name", driver.run_id, "-o", "%i|%N|%k")
    rows = (line.split("|", 2) for line in listed.splitlines())
    return next(({"id": i, "node": node} for i, node, comment in rows if POPULATIONS[fate] in comment), {})


def trainings(job: str) -> Iterator[int]:
    """The processes of a SLURM job that train."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
        except OSError:
            continue
        if b".train.py" in words and f"SLURM_JOB_ID={job}\0".encode() in environment and b"/bin/bash" not in words:
            yield int(folder.name)


def signal_training(job: str, number: int) -> None:
    for pid in trainings(job):
        os.kill(pid, number)


def hold(driver: Driver, reference: Driver, *fates: str) -> dict[str, dict[str, str]]:
    """Wait until the jobs of some populations are in the middle of training and stop them there; ids and nodes."""
    runs, held = driver.results / "runs", {}

    def all_held() -> bool:
        assert driver.process.poll() is None, driver.said
        for fate in set(fates).difference(held):
            wanted = keys(reference, fate)
            if any((runs / f"{key}.checkpoint").exists() for key in wanted):
                if job := job_of(driver, fate):
                    signal_training(job["id"], signal.SIGSTOP)
                elif fate != "too_slow":  # its minute may be over already on a busy machine, which is its fate
                    continue
                held[fate] = job
                assert not all((runs / f"{key}.json").exists() for key in wanted), f"{fate}: trained already"
        return len(held) == len(fates)

    wait_until(all_held, "first checkpoints")
    return held


def evict(jobs: list[dict[str, str]]) -> None:
    """Take their GPUs for a job of more importance."""
    for node in {job["node"] for job in jobs}:
        output("sbatch", "-p", "high", "-w", node, "--gres=gpu:2", "-t", "1", "-o", "/dev/null", "--wrap", "sleep 1")


@contextmanager
def held_jobs_released(cluster: Cluster) -> Iterator[None]:
    """Meanwhile do an administrator's duty: release jobs that SLURM holds, take back nodes that it drained.

    That happens on a busy machine to a job, and its node, that comes back before its former launch there has ended.
    """
    ended = threading.Event()

    def release() -> None:
        while not ended.wait(5):
            cluster.resume_nodes()
            for line in output("squeue", "-h", "-t", "pending", "-o", "%i|%r").splitlines():
                job, reason = line.split("|", 1)
                if "launch failed requeued held" in reason.replace("_", " "):
                    output("scontrol", "release", job)

    thread = threading.Thread(target=release, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.fixture(scope="module")
def disturbed(cluster, undisturbed, tmp_path_factory) -> Driver:
    driver = Driver(tmp_path_factory.mktemp("disturbed"), **SETTINGS)
    try:
        driver.start(*TARGETS, "--set-resources", *RESOURCES)
        jobs = hold(driver, undisturbed, *POPULATIONS)
        cluster.restart_controller()
        evict([jobs["requeued"], jobs["evicted"]])
        output("scancel", jobs["cancelled"]["id"])
        output("scontrol", "update", "nodename=node2", "state=down", "reason=test")
        cluster.wait_for_nodes()
        with held_jobs_released(cluster):
            assert driver.finish() == 0, driver.said
        yield driver
    finally:
        driver.stop()


def fates(driver: Driver, fate: str) -> list[tuple[str, str]]:
    """Each run of a population's jobs: id and state, oldest first."""
    mine = [job for job in driver.jobs() if POPULATIONS[fate] in job["comment"]]
    return [(job["jobid"], job["state"].split()[0]) for job in mine]


def test_the_records_are_those_of_an_undisturbed_run(disturbed, undisturbed):
    assert len(disturbed.records()) == 10
    assert disturbed.records() == undisturbed.records()
    assert not list((disturbed.results / "runs").glob("*.checkpoint"))


@pytest.mark.parametrize("fate, state", [("requeued", "PREEMPTED"), ("node_lost", "NODE_FAIL")])
def test_a_job_that_slurm_queues_again_is_the_same_job(disturbed, fate, state):
    first, *_, last = fates(disturbed, fate)  # between them a launch that failed, if the machine was busy
    assert first[0] == last[0]
    assert (first[1], last[1]) == (state, "COMPLETED")


@pytest.mark.parametrize("fate, state", [("evicted", "PREEMPTED"), ("too_slow", "TIMEOUT"), ("cancelled", "CANCELLED")])
def test_a_job_that_slurm_ends_is_submitted_again_and_the_reason_is_said(disturbed, fate, state):
    first, last = fates(disturbed, fate)
    assert first[0] != last[0]
    assert (first[1], last[1]) == (state, "COMPLETED")
    assert any(first[0] in line and state in line for line in disturbed.said.splitlines())


def test_a_training_that_was_too_slow_gets_more_time(disturbed):
    limits = [job["timelimit"] for job in disturbed.jobs() if POPULATIONS["too_slow"] in job["comment"]]
    assert limits == ["00:01:00", "00:09:00"]


def test_a_killed_driver_is_followed_by_one_that_does_the_rest_beside_the_jobs_it_left(cluster, undisturbed, tmp_path):
    driver, target = Driver(tmp_path, **SETTINGS), TARGETS[0]
    try:
        driver.start(target)
        left_behind, name = hold(driver, undisturbed, "requeued")["requeued"], driver.run_id
        driver.process.kill()
        driver.process.wait()
        driver.run("--unlock")
        driver.start(target)
        wait_until(lambda: "SLURM run ID" in driver.said and job_of(driver, "requeued"), "second job")
        second = job_of(driver, "requeued")["id"]
        wait_until(lambda: list(trainings(second)), "second training")
        signal_training(left_behind["id"], signal.SIGCONT)  # now both train the same networks
        assert driver.finish() == 0, driver.said
        assert f"scancel --name {name}" in driver.said
        wait_until(lambda: not output("squeue", "-h"), "end of the job left behind")
    finally:
        driver.stop()
    expected = {key: record for key, record in undisturbed.records().items() if key in keys(undisturbed, "requeued")}
    assert driver.records() == expected
