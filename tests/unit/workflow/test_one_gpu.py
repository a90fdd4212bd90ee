"""GPUs are dealt to jobs, one to each: with a fake nvidia-smi, and processes that hold a GPU and compute nothing."""

import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable

import pytest
from helpers.configurations import CONFIG
from helpers.fake_gpus import fake_program, listing, uuids
from helpers.patience import PATIENCE
from netspaces.files.safe import OneLineWarning
from netspaces.published.sampled_times import devices_of
from netspaces.workflow import one_gpu as module
from netspaces.workflow.gpus import Gpu, visible_gpus
from netspaces.workflow.one_gpu import lock_of, one_gpu

# A job: prints which GPU it sees, and holds it until its input ends. With a second word a worker, forked as those of
# training are, holds it too, until a signal ends it.
JOB = """
import os, sys, warnings
terminal, sys.stdout = sys.stdout, sys.stderr  # what it prints is its log
warnings.showwarning = lambda message, *_: print(f"warning: {message}", file=terminal, flush=True)
from netspaces.workflow.one_gpu import one_gpu

with one_gpu("cuda"):
    worker = os.fork() if sys.argv[1:] else -1
    if worker == 0:
        os.close(0), os.close(1)
        while True: __import__("time").sleep(1)
    print(os.environ["CUDA_VISIBLE_DEVICES"], worker, file=terminal, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def box(monkeypatch, tmp_path) -> list[str]:
    """The UUIDs of a box of eight GPUs, of which jobs may see number 1, 4 and 6."""
    gpus = uuids(8)
    monkeypatch.setenv("PATH", f"{fake_program(tmp_path / 'bin', listing(gpus))}:{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,4,6")
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    return [gpus[1], gpus[4], gpus[6]]


@pytest.fixture
def start():
    """Starts a job; those that live at the end are killed."""
    jobs = []

    def started(*words: str) -> subprocess.Popen:
        variables = os.environ | {"PYTHONPATH": str(CONFIG.parent / "scripts"), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-c", JOB, *words]
        jobs.append(subprocess.Popen(command, env=variables, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return jobs[-1]

    yield started
    for job in jobs:
        job.kill()
        job.communicate()


def seen(job: subprocess.Popen) -> str:
    """The GPU that a job sees, once it has one."""
    return job.stdout.readline().split()[0]


def is_free(gpu: str) -> bool:
    lock = lock_of(Gpu(gpu, 0, ""))
    if lock:
        lock.close()
    return lock is not None


def wait_for(condition: Callable[[], bool]) -> None:
    """As long as tests are patient: a process ends some time after it was killed."""
    for _ in range(int(PATIENCE * 20)):
        if condition():
            return
        signal.sigtimedwait([], 0.05)
    raise AssertionError("not in time")


def test_each_job_gets_one_that_no_other_has(box, start):
    jobs = [start() for _ in box]
    assert {seen(job) for job in jobs} == set(box)
    assert not any(map(is_free, box))
    jobs[0].communicate("")
    jobs[1].communicate("")
    jobs[2].communicate("")
    assert all(map(is_free, box))


def test_a_job_that_was_killed_leaves_its_gpu(box, start):
    first, second = start(), start()
    held = [seen(first), seen(second)]
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert is_free(held[0]) and not is_free(held[1])
    assert seen(start()) in set(box) - {held[1]}


def test_a_worker_holds_the_gpu_of_its_killed_job_until_it_has_ended(box, start):
    job = start("worker")
    gpu, worker = job.stdout.readline().split()
    job.send_signal(signal.SIGKILL)
    job.wait()
    assert not is_free(gpu)
    os.kill(int(worker), signal.SIGKILL)
    wait_for(lambda: is_free(gpu))


def test_where_all_are_busy_a_job_says_so_once_and_waits(box, start):
    jobs = [start() for _ in box]
    held = {seen(job): job for job in jobs}
    late = start()
    assert late.stdout.readline() == (
        "warning: all 3 GPUs are held by other jobs of netspaces: waiting for one to end\n"
    )
    held[box[1]].communicate("")
    assert seen(late) == box[1]


def test_a_job_that_fails_leaves_its_gpu_to_the_one_that_is_tried_again(box):
    for _ in range(2):
        with pytest.raises(ValueError), one_gpu("cuda"):
            assert os.environ["CUDA_VISIBLE_DEVICES"] == box[0]
            os.environ["CUDA_VISIBLE_DEVICES"] = "1,4,6"  # a new process begins with it
            raise ValueError("a job that fails")


@pytest.mark.skipif(os.geteuid() != 0, reason="to be another user takes root")
def test_the_lock_holds_for_all_users(box):
    with one_gpu("cuda"):
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            os._exit(is_free(box[0]) * 1 + (not is_free(box[1])) * 2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    "devices, variables",
    [
        (["cpu"], {}),
        (["cuda"], {"SLURM_JOB_ID": "42", "CUDA_VISIBLE_DEVICES": "4"}),
        (["cuda"], {"SLURM_JOB_ID": "42", "CUDA_VISIBLE_DEVICES": ""}),
        (["cuda"], {"CUDA_VISIBLE_DEVICES": ""}),
        (["cuda"], {"CUDA_VISIBLE_DEVICES": "9"}),
    ],
)
def test_left_as_it_is(box, monkeypatch, devices, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    with one_gpu(*devices):
        assert dict(os.environ) == before and all(map(is_free, box))


@pytest.mark.parametrize("variables", [{"CUDA_VISIBLE_DEVICES": "4,6"}, {}])
def test_several_that_slurm_assigned_are_dealt_and_those_of_a_node_without_an_assignment(box, monkeypatch, variables):
    monkeypatch.setenv("SLURM_JOB_ID", "42")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    expected = [gpu.id for gpu in visible_gpus()]
    with one_gpu("cuda"):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == expected[0]


def test_gpus_of_other_makers_are_held_but_not_named(box, monkeypatch):
    monkeypatch.setattr(module, "visible_gpus", lambda: [Gpu("", 0, "of another maker")])
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", box[0])  # some name that no other test has
    with one_gpu("cuda"):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "1,4,6" and not is_free("")
        monkeypatch.setenv("HIP_VISIBLE_DEVICES", box[1])
        assert is_free("")


def test_a_log_says_which_one_it_was(box, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error", OneLineWarning)
        with one_gpu("cuda", "cpu"):
            assert capsys.readouterr().out == f"GPU 1 (NVIDIA H100 80GB HBM3) {box[0]}\n"


def test_measurements_in_several_settings_name_their_devices():
    assert devices_of("cpu", {"batch": 4}) == {"cpu"}
    assert devices_of("cuda", {"settings": [{"batch": 1}, {"device": "cpu"}]}) == {"cuda", "cpu"}
    assert devices_of("cuda", {"settings": [{"device": "cpu"}]}) == {"cpu"}
