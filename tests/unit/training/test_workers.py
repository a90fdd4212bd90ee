"""Several networks of a job at once: what fails or is killed, what goes on, what signals do."""

import faulthandler
import os
import signal
import subprocess
import sys
import time
from functools import partial
from types import SimpleNamespace

import pytest
from helpers.patience import PATIENCE
from helpers.small_runs import ARCHITECTURE, OTHERS, comparable, output_of, start, train
from netspaces.training.process import Interrupted
from netspaces.training.workers import TasksFailed, run_all

pytestmark = pytest.mark.usefixtures("one_thread")

RECIPE = {"epochs": 20, "ema_decay": 0.9}
JOB = f"""
from helpers import small_runs as small
from functools import partial
from netspaces.training.workers import run_all

set_up_process()
stop, store, at_once = StopRequest(), Path(sys.argv[1]), int(sys.argv[2])

def stopping():
    print(end=".", flush=True)
    return bool(stop.signal)

def task(architecture):
    return small.train(store, architecture, {RECIPE}, stopping=stopping, checkpoint_seconds=0.0)

tasks = [partial(task, architecture) for architecture in (small.ARCHITECTURE, *small.OTHERS)]
run_all(dict(zip("abc", tasks)), at_once, stop)
"""


def request() -> SimpleNamespace:
    """A stop request that never comes."""
    return SimpleNamespace(signal=0, workers=[])


def records(folder) -> list[str]:
    """What the job's networks gave, timings aside."""
    return [comparable(train(folder, architecture, RECIPE)) for architecture in (ARCHITECTURE, *OTHERS)]


@pytest.fixture(scope="module")
def undisturbed_records(tmp_path_factory):
    return records(tmp_path_factory.mktemp("undisturbed"))


def end(how: str) -> str:
    """End a task in one of the ways in which tasks end."""
    if how.startswith("SIG"):
        faulthandler.disable()
        os.kill(os.getpid(), getattr(signal, how))
        time.sleep(60)
    if how == "exit":
        os._exit(3)
    if how == "raise":
        raise RuntimeError("the cause\nand more of it")
    if how == "wrong":
        raise ValueError("device is what, expected cpu")
    return f"{how}, {os.getpid() == PARENT}"


PARENT = os.getpid()


@pytest.mark.parametrize("at_once", [1, 2, 3, 9])
def test_results_come_by_name_in_the_order_of_the_tasks(at_once):
    tasks = {name: partial(end, name) for name in ("last", "a", "b", "c", "d")}
    assert run_all(tasks, at_once, request()) == {name: f"{name}, {at_once == 1}" for name in tasks}
    assert list(run_all(tasks, at_once, request())) == list(tasks)


@pytest.mark.parametrize(
    "how, at_once, cause",
    [
        ("SIGKILL", 2, "its process was killed by SIGKILL, as happens when memory runs out"),
        ("SIGSEGV", 2, "its process was killed by SIGSEGV"),
        ("exit", 2, "its process ended with exit code 3"),
        ("raise", 2, "RuntimeError: the cause"),
        ("raise", 1, "RuntimeError: the cause"),
        ("wrong", 2, "device is what, expected cpu"),
        ("wrong", 1, "device is what, expected cpu"),
    ],
)
def test_a_task_that_fails_or_is_killed_is_named_and_the_others_go_on(tmp_path, how, at_once, cause):
    def good(name: str) -> None:
        time.sleep(0.05)
        (tmp_path / name).touch()

    tasks = {"network 0": partial(end, how)} | {f"network {i}": partial(good, str(i)) for i in range(1, 6)}
    with pytest.raises(TasksFailed) as failed:
        run_all(tasks, at_once, request())
    assert str(failed.value) == f"network 0: {cause}"
    assert len(list(tmp_path.iterdir())) == 5


def test_all_that_failed_are_named():
    tasks = {f"network {i}": partial(end, how) for i, how in enumerate(["SIGKILL", "well", "raise", "SIGSEGV"])}
    with pytest.raises(TasksFailed, match=r"\(3 of 4 failed: network 0, network 2, network 3\)$") as failed:
        run_all(tasks, 2, request())
    assert "\n" not in str(failed.value)


def test_no_task_begins_after_a_stop_request():
    with pytest.raises(Interrupted, match="^interrupted$"):
        run_all({"a": partial(end, "SIGKILL")}, 2, SimpleNamespace(signal=signal.SIGTERM, workers=[]))


def test_records_do_not_depend_on_how_many_train_at_once(tmp_path, undisturbed_records):
    for at_once in (1, 2):
        output_of(JOB, tmp_path / str(at_once), at_once, OMP_NUM_THREADS="2")
        assert records(tmp_path / str(at_once)) == undisturbed_records


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGKILL])
def test_a_signal_to_the_job_stops_its_workers_which_write_their_checkpoints(tmp_path, undisturbed_records, number):
    job = start(JOB, tmp_path, 2)
    job.stdout.read(30)  # so many of the 240 steps
    job.send_signal(number)
    _, err = job.communicate(timeout=PATIENCE)  # the pipes close when the workers have ended too
    if number == signal.SIGKILL:
        assert job.returncode == -number
    else:
        assert job.returncode == 1
        assert err.count("the checkpoint was written") == 2 and err.startswith("a: interrupted in epoch ")
    assert len(list(tmp_path.glob("*.checkpoint"))) == 2
    output_of(JOB, tmp_path, 2)
    assert records(tmp_path) == undisturbed_records


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers by an option of Linux's ps")
def test_a_killed_worker_costs_only_its_network(tmp_path, undisturbed_records):
    job = start(JOB, tmp_path, 2)
    job.stdout.read(30)
    workers = subprocess.run(["ps", "-o", "pid=", "--ppid", str(job.pid)], capture_output=True, text=True)
    os.kill(int(workers.stdout.split()[0]), signal.SIGKILL)
    _, err = job.communicate(timeout=PATIENCE)
    assert job.returncode == 1
    assert "TasksFailed: a: its process was killed by SIGKILL" in err
    assert len(list(tmp_path.glob("[!.]*.json"))) == 2
    output_of(JOB, tmp_path, 2)
    assert records(tmp_path) == undisturbed_records


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_a_job_has_one_thread_when_it_forks():
    code = "import netspaces.training.workers\nset_up_process()\nprint(open('/proc/self/stat').read().split()[19])"
    assert output_of(code) == ["1"]
