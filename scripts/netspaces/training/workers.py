"""Several tasks of one job at once, each in a worker process forked from a parent that has imported everything.

The parent hands out tasks in their order and computes nothing itself: a process may only be forked while it has neither
threads nor a device context. On a CPU every worker has one task at a time; on a GPU there is one worker, whose tasks
share the device in lanes, as far as its memory holds them. Workers that are killed or lose their device, and those of
one lane whose task failed, are replaced; what they had begun beside the task that failed is given out again, and goes
on from its checkpoints.

A task that memory does not hold beside others, and those that shared a process that was killed, have a last turn when
all others have ended: each alone in a process.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

import torch

from netspaces.training.device import free_memory
from netspaces.training.faults import DoesNotFit, is_device_lost
from netspaces.training.lanes import Lanes, Turns, alone
from netspaces.training.process import Interrupted, StopRequest
from netspaces.training.room import Predicted, Room

Task = Callable[[], Any]
"""Gives its result, or the turns that end with it."""

SET_DEATH_SIGNAL = 1  # prctl's option on Linux
DEVICE_LOST = 70  # exit code of a worker that cannot use its device any more


class TasksFailed(ValueError):
    """Some tasks of a job failed; the message, one line, names the first and its cause."""


@dataclass(frozen=True)
class Failure:
    """Why a task has no result, in one line."""

    cause: str


@dataclass(frozen=True)
class Postponed:
    """Why a task is to have its last turn, in one line."""

    cause: str


@dataclass
class Worker:
    """A process, the tasks that it works on, and how it is reached."""

    process: BaseProcess
    connection: Connection
    tasks: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """The number of the process, which has been started."""
        assert self.process.pid is not None
        return self.process.pid

    def give(self, task: str) -> None:
        """Send it a task."""
        self.tasks.append(task)
        with suppress(OSError):  # it was killed while idle, which reading its answer will show
            self.connection.send(task)

    def answer(self) -> tuple[str, Any] | None:
        """A task and what it gave, a result, a failure or `Postponed`; None if the process has ended."""
        try:
            name, outcome = self.connection.recv()
        except (EOFError, OSError):
            return None
        self.tasks.remove(name)
        return name, outcome


@dataclass(frozen=True)
class Places:
    """Where tasks run: so many at once on a device, in processes of one lane on a CPU, in lanes of one on a GPU.

    Fewer at once where they are `predicted` to take more memory than the device has.
    """

    at_once: int = 1
    device: str = "cpu"
    predicted: Predicted | None = None

    @property
    def processes(self) -> int:
        """The number of worker processes; 0 if tasks run in the job's own."""
        if self.device != "cpu":
            return 1  # never the job's own: a fault may leave a device unusable for its process
        return 0 if self.at_once == 1 else self.at_once

    @property
    def lanes(self) -> int:
        """How many tasks each process works on at the same time."""
        return 1 if self.device == "cpu" else self.at_once

    @property
    def room(self) -> Room | None:
        """What lets tasks in; None for all that there are lanes for."""
        if self.predicted is None or self.lanes == 1:
            return None
        return Room(self.predicted, partial(free_memory, torch.device(self.device)))


def run_all(
    tasks: Mapping[str, Task],
    at_once: int,
    stop: StopRequest,
    device: str = "cpu",
    last: Mapping[str, Task] | None = None,
    predicted: Predicted | None = None,
) -> dict[str, Any]:
    """Results of all tasks by name, so many at once; on a CPU with one at a time, they run in this process.

    A task is a function that gives its result, or the turns that end with it. `last` are the same tasks as they run in
    a last turn, alone; by default as before. On a GPU fewer run at once where their memory is `predicted` to exceed
    the device's. A task that raises, or whose process is killed, does not keep the others from running; afterwards
    raises TasksFailed. After a stop request no task begins; when those that run have ended, raises Interrupted.
    """
    places = Places(at_once, device, predicted)
    if places.processes:
        ended, postponed = _run_in_workers(tasks, places, stop)
        for name, cause in postponed.items():
            if stop.signal:
                break
            print(f"{name}: tried again alone: {cause}")
            again, _ = _run_in_workers({name: (last or tasks)[name]}, Places(1, device), stop, always=True)
            ended |= again
    else:
        ended = {name: _attempt(task) for name, task in tasks.items()}
    failures = {name: result.cause for name in tasks if isinstance(result := ended.get(name), Failure)}
    for name, cause in failures.items():  # `failures` looks for these lines
        print(f"{name}: failed\nError: {cause}")
    if stop.signal and (failures or len(ended) < len(tasks)):
        raise Interrupted("; ".join(f"{name}: {cause}" for name, cause in failures.items()) or "interrupted")
    if failures:
        name, cause = next(iter(failures.items()))
        rest = f" ({len(failures)} of {len(tasks)} failed: {', '.join(failures)})" if len(failures) > 1 else ""
        raise TasksFailed(f"{name}: {cause}{rest}")
    return {name: result for name in tasks if not isinstance(result := ended[name], Failure)}


# ---- The parent ------------------------------------------------------------------------------------------------------


def _run_in_workers(
    tasks: Mapping[str, Task], places: Places, stop: StopRequest, always: bool = False
) -> tuple[dict[str, Any], dict[str, str]]:
    """Results and failures by name, when all tasks have ended, or after a stop request those that had begun.

    Also the tasks that are to have a last turn, and why; with `always` none are.
    """
    waiting, results, postponed = list(tasks), {}, {}
    workers: dict[Connection, Worker] = {}
    while workers or (waiting and not stop.signal):
        while waiting and not stop.signal and len(workers) < min(places.processes or 1, len(tasks)):
            worker = _start_worker(tasks, places, stop, list(workers))
            workers[worker.connection] = worker
            _give_tasks(worker, waiting, places)
        for connection in cast(list[Connection], wait(list(workers))):
            worker = workers[connection]
            answer = worker.answer()
            if answer is not None:
                name, outcome = answer
                if isinstance(outcome, Postponed) and not always:
                    postponed[name] = outcome.cause
                else:
                    results[name] = Failure(outcome.cause) if isinstance(outcome, Postponed) else outcome
                failed_alone = isinstance(outcome, Failure) and places.lanes == 1
                if not stop.signal and not failed_alone:
                    _give_tasks(worker, waiting, places)
                if worker.tasks:
                    continue
            del workers[connection]
            connection.close()  # tells it to end
            stop.workers.remove(worker.pid)
            worker.process.join()
            code = worker.process.exitcode
            if code == DEVICE_LOST:  # by a task that has failed; the others are as they were
                waiting[:0] = worker.tasks
            elif len(worker.tasks) > 1 and not always:
                postponed |= dict.fromkeys(worker.tasks, _death(code))
            else:
                results |= {name: Failure(_death(code)) for name in worker.tasks}
    return results, postponed


def _give_tasks(worker: Worker, waiting: list[str], places: Places) -> None:
    while waiting and len(worker.tasks) < places.lanes:
        worker.give(waiting.pop(0))


def _start_worker(
    tasks: Mapping[str, Task], places: Places, stop: StopRequest, connections: list[Connection]
) -> Worker:
    connection, far_end = multiprocessing.Pipe()
    arguments = (tasks, places, far_end, [connection, *connections], stop, os.getpid())
    process = multiprocessing.get_context("fork").Process(target=_work, args=arguments, daemon=True)
    process.start()
    far_end.close()  # or its end would not be noticed
    worker = Worker(process, connection)
    stop.workers.append(worker.pid)
    if stop.signal:  # it may have come after the start and before the line above
        os.kill(worker.pid, stop.signal)
    return worker


# ---- The workers -----------------------------------------------------------------------------------------------------


def _work(
    tasks: Mapping[str, Task],
    places: Places,
    far_end: Connection,
    inherited: list[Connection],
    stop: StopRequest,
    parent: int,
) -> None:
    """What a worker does: the tasks whose names it is sent, until the other side closes or its device is lost."""
    for connection in inherited:  # whose end would otherwise not be noticed while this process lives
        connection.close()
    stop.workers.clear()
    if sys.platform == "linux":  # a job that is killed takes its workers along, which write their checkpoints
        ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
    lanes, is_open = Lanes(places.device, places.room), True
    while is_open or lanes.active:
        while is_open and (not lanes.active or far_end.poll()):
            try:
                name = far_end.recv()
            except (EOFError, OSError):
                is_open = False
            else:
                lanes.begin(name, partial(_turns, tasks[name]))
        if os.getppid() != parent:
            is_open, stop.signal = False, stop.signal or signal.SIGTERM
        for ended in lanes.round() + (lanes.give_up_waiting() if stop.signal else []):
            outcome = ended.result if ended.error is None else _failure(ended.error)
            with suppress(OSError):  # the job was killed; the checkpoint is written
                far_end.send((ended.name, outcome))
            if is_device_lost(ended.error):
                sys.stdout.flush()
                os._exit(DEVICE_LOST)  # an orderly end would ask the device


def _turns(task: Task) -> Turns:
    """The turns of a task; of one that gives its result at once, none."""
    result = task()
    if isinstance(result, Generator):
        return (yield from result)
    return result


def _attempt(task: Task) -> Any:
    """What a task gives, in this process: a result or a failure."""
    try:
        return alone(_turns(task), "cpu")
    except Exception as error:
        return _failure(error)


def _failure(error: BaseException) -> Failure | Postponed:
    """An error as the parent hears of it."""
    if isinstance(error, Interrupted):
        return Failure(str(error))
    if isinstance(error, DoesNotFit):
        return Postponed(str(error))
    traceback.print_exception(error)
    kind = "" if isinstance(error, (ValueError, OSError)) and str(error) else f"{type(error).__name__}: "
    return Failure(f"{kind}{error}".splitlines()[0])


def _death(code: int | None) -> str:
    assert code is not None  # the process has been joined
    if code >= 0:
        return f"its process ended with exit code {code}"
    hint = ", as happens when memory runs out" if code == -signal.SIGKILL else ""
    return f"its process was killed by {signal.Signals(-code).name}{hint}"
