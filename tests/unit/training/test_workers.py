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
import torch
from helpers.patience import PATIENCE
from helpers.small_runs import ARCHITECTURE, COMPLEXITY, DATASET, OTHERS, comparable, output_of, start, train
from helpers.small_runs import RECIPE as SMALL_RECIPE
from netspaces.training import lanes, workers
from netspaces.training.faults import DoesNotFit
from netspaces.training.process import Interrupted
from netspaces.training.room import FILLED, MIB, Predicted
from netspaces.training.train import training
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
    assert records(tmp_path) == undisturbed_records  # this process goes on from the checkpoints


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


# ---- Lanes: one worker for a GPU -------------------------------------------------------------------------------------


@pytest.fixture
def lanes_without_a_gpu(monkeypatch):
    """Lanes of a device that is not there; workers are forked, so this holds in them too."""
    monkeypatch.setattr(lanes, "own_stream", lambda device: None)


def turns(folder, name: str, how: str = "well", begin_together: int = 0):
    """A task in turns, which notes its process; it goes on when so many tasks have begun."""
    with open(folder / name, "a") as file:
        file.write(f"{os.getpid()}\n")
    yield False
    while len(list(folder.iterdir())) < begin_together:
        yield False
    if how == "lost":
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")
    if how == "full":
        raise DoesNotFit(name, torch.OutOfMemoryError("CUDA out of memory"))
    end(how)
    yield True
    return name


def run_in_lanes(folder, tasks: dict[str, str], at_once: int = 3, last: dict[str, str] | None = None) -> dict:
    """Results of tasks that end as said; those of a last turn may end in another way."""
    together = min(at_once, len(tasks))
    made = {name: partial(turns, folder, name, how, together) for name, how in tasks.items()}
    alone = {name: partial(turns, folder, name, how) for name, how in (last or {}).items()}
    return run_all(made, at_once, request(), "cuda", made | alone)


def processes(folder) -> dict[str, list[str]]:
    """The processes in which each task began, in order."""
    return {path.name: path.read_text().split() for path in sorted(folder.iterdir())}


@pytest.mark.usefixtures("lanes_without_a_gpu")
def test_one_worker_takes_all_tasks_in_lanes(tmp_path):
    names = ["last", "a", "b", "c", "d"]
    assert list(run_in_lanes(tmp_path, dict.fromkeys(names, "well")).items()) == [(name, name) for name in names]
    (worker,) = {tuple(began) for began in processes(tmp_path).values()}
    assert worker != (str(os.getpid()),)


@pytest.mark.usefixtures("lanes_without_a_gpu")
def test_a_task_that_fails_costs_its_lane_only(tmp_path):
    with pytest.raises(TasksFailed, match="^a: RuntimeError: the cause$"):
        run_in_lanes(tmp_path, {"a": "raise", "b": "well", "c": "well", "d": "well"})
    assert len({tuple(began) for began in processes(tmp_path).values()}) == 1


@pytest.mark.usefixtures("lanes_without_a_gpu")
def test_a_lost_device_costs_its_process_and_the_task_that_lost_it(tmp_path):
    with pytest.raises(TasksFailed, match="^a: AcceleratorError: CUDA error: an illegal memory access"):
        run_in_lanes(tmp_path, {"a": "lost", "b": "well", "c": "well"})
    began = processes(tmp_path)
    assert [len(began[name]) for name in "abc"] == [1, 2, 2]  # these two went on in another process
    assert began["b"][1] == began["c"][1] != began["b"][0]


@pytest.mark.usefixtures("lanes_without_a_gpu")
def test_tasks_of_a_process_that_is_killed_have_a_last_turn_alone(tmp_path, capfd):
    with pytest.raises(TasksFailed, match="^a: its process was killed by SIGSEGV$"):
        run_in_lanes(tmp_path, {"a": "SIGSEGV", "b": "well", "c": "well"}, last={"a": "SIGSEGV", "b": "b", "c": "c"})
    began = processes(tmp_path)
    assert [len(began[name]) for name in "abc"] == [2, 2, 2]
    assert len({began[name][1] for name in "abc"}) == 3
    assert "b: tried again alone: its process was killed by SIGSEGV" in capfd.readouterr().out


@pytest.mark.usefixtures("lanes_without_a_gpu")
@pytest.mark.parametrize("count", [1, 3])
def test_a_task_that_does_not_fit_is_tried_alone_when_all_others_have_ended(tmp_path, count, capfd):
    tasks = dict(list({"a": "full", "b": "well", "c": "well"}.items())[:count])
    assert run_in_lanes(tmp_path, tasks, last={"a": "well"}) == {name: name for name in tasks}
    began = processes(tmp_path)
    assert [len(began[name]) for name in tasks] == [2, 1, 1][:count] and began["a"][0] != began["a"][1]
    assert "a: tried again alone: run a: OutOfMemoryError: CUDA out of memory" in capfd.readouterr().out


@pytest.mark.usefixtures("lanes_without_a_gpu")
def test_tasks_that_do_not_fit_together_wait_for_each_other(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(workers, "free_memory", lambda device: int(100 * MIB / FILLED))

    def task(name: str):
        yield False
        (tmp_path / f"{name} begins").touch()
        others = {"a": ["b begins"], "b": ["a begins"], "c": ["a ends", "b ends"]}
        while not all((tmp_path / other).exists() for other in others[name]):
            assert time.monotonic() < until
            yield False
        (tmp_path / f"{name} ends").touch()
        return name

    sizes, until = {"a": 50.0, "b": 40.0, "c": 30.0}, time.monotonic() + PATIENCE
    tasks = {name: partial(task, name) for name in sizes}
    assert run_all(tasks, 3, request(), "cuda", predicted=Predicted(sizes)) == {name: name for name in sizes}
    assert "memory for 100 MiB of networks: a (50), b (40) train; c (30) waits\n" in capfd.readouterr().out


@pytest.mark.usefixtures("lanes_without_a_gpu")
def test_a_task_that_waits_for_room_ends_at_a_stop_request(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "free_memory", lambda device: 0)
    stop = request()

    def task(name: str):
        yield False
        (tmp_path / name).touch()
        yield False
        stop.signal = signal.SIGTERM  # of the worker
        yield False
        raise Interrupted("the checkpoint was written")

    with pytest.raises(TasksFailed, match=r"a: the checkpoint was written \(2 of 2 failed: a, b\)"):
        run_all({name: partial(task, name) for name in "ab"}, 2, stop, "cuda", predicted=Predicted({"a": 1, "b": 1}))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.usefixtures("lanes_without_a_gpu")
def test_networks_in_lanes_that_are_stopped_write_their_checkpoints_and_go_on(tmp_path, undisturbed_records):
    def task(architecture, stopping):
        arguments = (architecture, COMPLEXITY, SMALL_RECIPE | RECIPE, 0, DATASET, tmp_path, "cpu", stopping, 60.0, 1.0)
        return training(*arguments, beside_others=True)

    calls, stop = [], request()

    def stopping() -> bool:
        calls.append(1)
        return len(calls) > 30

    architectures = dict(zip("abc", (ARCHITECTURE, *OTHERS), strict=True))
    with pytest.raises(TasksFailed, match="interrupted in epoch .*; the checkpoint was written"):
        run_all({name: partial(task, each, stopping) for name, each in architectures.items()}, 3, stop, "cuda")
    assert len(list(tmp_path.glob("*.checkpoint"))) == 3
    run_all({name: partial(task, each, lambda: False) for name, each in architectures.items()}, 3, stop, "cuda")
    assert records(tmp_path) == undisturbed_records and not list(tmp_path.glob("*.checkpoint"))
