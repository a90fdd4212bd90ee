"""Several tasks of one job at once, each in a worker process forked from a parent that has imported everything.

The parent hands out tasks in their order and computes nothing itself: a process may only be forked while it has neither
threads nor a device context. Workers that are killed, and those whose task failed, are replaced: a fault may have left
a GPU's context unusable.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar, cast

from netspaces.training.process import Interrupted, StopRequest

Result = TypeVar("Result")
SET_DEATH_SIGNAL = 1  # prctl's option on Linux


class TasksFailed(ValueError):
    """Some tasks of a job failed; the message, one line, names the first and its cause."""


@dataclass(frozen=True)
class Failure:
    """Why a task has no result, in one line."""

    cause: str


NO_ANSWER = Failure("its process ended without an answer")


@dataclass
class Worker:
    """A process, the task that it works on, and how it is reached."""

    process: BaseProcess
    connection: Connection
    task: str = ""

    @property
    def pid(self) -> int:
        """The number of the process, which has been started."""
        assert self.process.pid is not None
        return self.process.pid

    def answer(self) -> Any:
        """What its task gave: a result, or a failure, which is `NO_ANSWER` if the process ended without one."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            return NO_ANSWER


def run_all(tasks: Mapping[str, Callable[[], Result]], at_once: int, stop: StopRequest) -> dict[str, Result]:
    """Results of all tasks by name, so many at once; with one at a time, they run in this process.

    A task that raises, or whose process is killed, does not keep the others from running; afterwards raises
    TasksFailed. After a stop request no task begins; when those that run have ended, raises Interrupted.
    """
    ended: Mapping[str, Result | Failure]
    if at_once == 1:
        ended = {name: _attempt(task) for name, task in tasks.items()}
    else:
        ended = _run_in_workers(tasks, at_once, stop)
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


def _attempt(task: Callable[[], Result]) -> Result | Failure:
    try:
        return task()
    except Exception as error:
        traceback.print_exc()
        kind = "" if isinstance(error, (ValueError, OSError)) and str(error) else f"{type(error).__name__}: "
        return Failure(f"{kind}{error}".splitlines()[0])


def _run_in_workers(tasks: Mapping[str, Callable], at_once: int, stop: StopRequest) -> dict[str, Any]:
    """Results and failures by name, when all tasks have ended, or after a stop request those that had begun."""
    waiting, results = list(tasks), {}
    workers: dict[Connection, Worker] = {}
    while workers or (waiting and not stop.signal):
        while waiting and not stop.signal and len(workers) < min(at_once, len(tasks)):
            worker = _start_worker(tasks, stop, list(workers))
            workers[worker.connection] = worker
            _give(worker, waiting)
        for connection in cast(list[Connection], wait(list(workers))):
            worker = workers[connection]
            results[worker.task] = worker.answer()
            failed = isinstance(results[worker.task], Failure)
            if waiting and not stop.signal and not failed:
                _give(worker, waiting)
                continue
            del workers[connection]
            connection.close()  # tells it to end
            stop.workers.remove(worker.pid)
            worker.process.join()
            if results[worker.task] is NO_ANSWER:
                results[worker.task] = Failure(_death(worker.process.exitcode))
    return results


def _give(worker: Worker, waiting: list[str]) -> None:
    worker.task = waiting.pop(0)
    try:
        worker.connection.send(worker.task)
    except OSError:
        pass  # it was killed while idle, which reading its answer will show


def _start_worker(tasks: Mapping[str, Callable], stop: StopRequest, connections: list[Connection]) -> Worker:
    connection, far_end = multiprocessing.Pipe()
    arguments = (tasks, far_end, [connection, *connections], stop, os.getpid())
    process = multiprocessing.get_context("fork").Process(target=_work, args=arguments, daemon=True)
    process.start()
    far_end.close()  # or its end would not be noticed
    worker = Worker(process, connection)
    stop.workers.append(worker.pid)
    if stop.signal:  # it may have come after the start and before the line above
        os.kill(worker.pid, stop.signal)
    return worker


def _work(
    tasks: Mapping[str, Callable], far_end: Connection, inherited: list[Connection], stop: StopRequest, parent: int
) -> None:
    """What a worker does: the tasks whose names it is sent, until the other side closes or one fails."""
    for connection in inherited:  # whose end would otherwise not be noticed while this process lives
        connection.close()
    stop.workers.clear()
    if sys.platform == "linux":  # a job that is killed takes its workers along, which write their checkpoints
        ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
    while os.getppid() == parent:
        try:
            name = far_end.recv()
        except EOFError:
            return
        try:
            result = _attempt(tasks[name])
        except Interrupted as interruption:
            result = Failure(str(interruption))
        far_end.send(result)
        if isinstance(result, Failure):
            return


def _death(code: int | None) -> str:
    assert code is not None  # the process has been joined
    if code >= 0:
        return f"its process ended with exit code {code}"
    hint = ", as happens when memory runs out" if code == -signal.SIGKILL else ""
    return f"its process was killed by {signal.Signals(-code).name}{hint}"
