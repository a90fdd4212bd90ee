"""Lanes: several trainings at once in one process and thread, which share a GPU.

A training is a generator of turns. On a GPU each turn only gives the device work, in a stream of the lane's own; it
yields True where the numbers that it reads next need all of that work done. So while one lane waits, others go on, and
kernels of small networks run side by side. On a CPU work is done when a turn returns, and nothing waits.

After its first turn a training needs the device's memory: where `Room` has none for it, its lane waits for others to
end, and those that came later wait behind it, so that the longest begin first.
"""

import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import torch

from netspaces.training.process import Interrupted
from netspaces.training.room import Room

Result = TypeVar("Result")
Turns = Generator[bool, None, Result]
"""A training in turns; ends with its result."""

QUEUED = 2  # turns that a lane may have given to its device before the first of them is done
PAUSE = 2e-5  # seconds, while every lane waits for the device


@dataclass
class Lane(Generic[Result]):
    """A training on its way, its stream, and the events that say which of its turns are done on the device.

    The first turn has no stream: it asks whether there is anything to do, and a device is not touched before.
    """

    name: str
    turns: Turns[Result]
    device: torch.device
    begun: bool = False
    let_in: bool = False
    stream: "torch.cuda.Stream | None" = None
    events: "deque[torch.cuda.Event]" = field(default_factory=deque)
    waits_for_all: bool = False

    @property
    def waits_for_room(self) -> bool:
        """Whether it has asked for the device and was not let in."""
        return self.begun and not self.let_in

    def is_ready(self) -> bool:
        """Whether the next turn may begin."""
        if self.waits_for_room:
            return False
        while self.events and self.events[0].query():
            self.events.popleft()
        return len(self.events) < (1 if self.waits_for_all else QUEUED)

    def advance(self) -> None:
        """One turn; raises StopIteration with the result after the last, and whatever a training raises."""
        if self.begun and self.stream is None:
            self.stream = own_stream(self.device)
        self.begun = True
        with on_stream(self.stream):
            self.waits_for_all = next(self.turns)
            if self.stream is not None:
                self.events.append(self.stream.record_event())

    def wait(self) -> None:
        """Wait until the next turn may begin."""
        while not self.is_ready():
            self.events[0].synchronize()


@dataclass(frozen=True)
class Ended:
    """A training that ended: with a result, or with an error."""

    name: str
    result: Any = None
    error: BaseException | None = None


class Lanes:
    """Trainings that take turns on a device; all at once, or those that it has room for."""

    def __init__(self, device: str, room: Room | None = None) -> None:
        self.device, self.room = torch.device(device), room
        self.active: deque[Lane] = deque()

    def begin(self, name: str, make: Callable[[], Turns]) -> None:
        """Take in a training; nothing of it is done before its first turn."""
        self.active.append(Lane(name, make(), self.device, let_in=self.room is None))

    def round(self) -> list[Ended]:
        """A turn of every lane that is ready, in turn; returns the trainings that ended meanwhile."""
        self._let_in()
        ended, idle = [], True
        for _ in range(len(self.active)):
            lane = self.active.popleft()
            if not lane.is_ready():
                self.active.append(lane)
                continue
            idle = False
            try:
                lane.advance()
                self.active.append(lane)
            except StopIteration as end:
                ended.append(Ended(lane.name, result=end.value))
            except Exception as error:
                ended.append(Ended(lane.name, error=error))
            except SystemExit as error:  # an interruption, which has written its checkpoint
                ended.append(Ended(lane.name, error=error))
        if self.room is not None:
            for each in ended:
                self.room.leave(each.name)
        if idle and self.active:
            time.sleep(PAUSE)
        return ended

    def give_up_waiting(self) -> list[Ended]:
        """End the trainings that wait for room."""
        waiting = [lane for lane in self.active if lane.waits_for_room]
        for lane in waiting:
            self.active.remove(lane)
        return [Ended(lane.name, error=Interrupted("interrupted before its first step")) for lane in waiting]

    def _let_in(self) -> None:
        """Let in the lanes that wait, in the order in which they came, until there is no room for one."""
        if self.room is None:
            return
        waiting = [lane for lane in self.active if lane.waits_for_room]
        while waiting and self.room.let_in(waiting[0].name):
            waiting.pop(0).let_in = True
        if line := self.room.account([lane.name for lane in waiting]):
            print(line, flush=True)


def alone(turns: Turns[Result], device: "str | torch.device") -> Result:
    """The result of one training that has its process for itself."""
    lane = Lane("", turns, torch.device(device), let_in=True)
    while True:
        try:
            lane.advance()
        except StopIteration as end:
            return end.value
        lane.wait()


def own_stream(device: torch.device) -> "torch.cuda.Stream | None":
    """A stream on a GPU: graphs of one network share it, and are not to share it with those of another; None else."""
    return torch.cuda.Stream(device) if device.type == "cuda" else None


def on_stream(stream: "torch.cuda.Stream | None") -> AbstractContextManager:
    """What gives work to a stream. A generator may not do so itself: the stream would stay current for other lanes."""
    return nullcontext() if stream is None else torch.cuda.stream(stream)
