"""Trainings that take turns: their order, what they wait for, how they end."""

from collections import deque

import pytest
import torch
from helpers.small_runs import ARCHITECTURE, COMPLEXITY, DATASET, OTHERS, RECIPE, comparable, train
from netspaces.training import lanes, process
from netspaces.training.lanes import QUEUED, Lane, Lanes, alone
from netspaces.training.train import training

pytestmark = pytest.mark.usefixtures("one_thread")


class Event:
    """An event of a device that is done when the test says so."""

    def __init__(self):
        self.done = False

    def query(self) -> bool:
        return self.done

    def synchronize(self) -> None:
        self.done = True


class Stream:
    """A stream of a device."""

    def __init__(self):
        self.events = []

    def record_event(self) -> Event:
        self.events.append(Event())
        return self.events[-1]


@pytest.fixture
def streams(monkeypatch) -> list[Stream]:
    """Streams of lanes of a device that is not there."""
    made = []

    def make(device):
        made.append(Stream())
        return made[-1]

    monkeypatch.setattr(lanes, "own_stream", make)
    monkeypatch.setattr(lanes, "on_stream", lambda stream: lanes.nullcontext())
    return made


def turns(log: list, name: str, waits: list[bool]):
    """A training that notes its turns, but for the first, which touches no device."""
    yield False
    for number, wait in enumerate(waits):
        log.append(f"{name}{number}")
        yield wait
    return name.upper()


def test_lanes_take_turns_and_end_with_their_results():
    log, together = [], Lanes("cpu")
    together.begin("a", lambda: turns(log, "a", [False] * 2))
    together.begin("b", lambda: turns(log, "b", [True] * 3))
    ended = [each for _ in range(6) for each in together.round()]
    assert log == ["a0", "b0", "a1", "b1", "b2"]
    assert [(each.name, each.result, each.error) for each in ended] == [("a", "A", None), ("b", "B", None)]
    assert not together.active and together.round() == []


def test_a_lane_has_two_turns_at_most_on_the_device(streams):
    log, together = [], Lanes("cuda")
    together.begin("a", lambda: turns(log, "a", [False] * 9))
    together.begin("b", lambda: turns(log, "b", [False] * 9))
    together.round()
    assert streams == []
    for _ in range(5):
        together.round()
    assert log == ["a0", "b0", "a1", "b1"] and QUEUED == 2
    streams[1].events[0].done = True
    together.round()
    assert log[4:] == ["b2"]


def test_a_lane_that_reads_numbers_waits_for_all_of_its_work_while_others_go_on(streams):
    log, together = [], Lanes("cuda")
    together.begin("a", lambda: turns(log, "a", [False, True, False]))
    together.begin("b", lambda: turns(log, "b", [False] * 9))
    for _ in range(3):
        together.round()
    streams[0].events[0].done = True  # but not the second
    for event in streams[1].events:
        event.done = True
    together.round()
    assert log == ["a0", "b0", "a1", "b1", "b2"]
    streams[0].events[1].done = True
    together.round()
    assert log[5:] == ["a2", "b3"]


def test_an_error_ends_its_lane_only():
    def failing():
        yield False
        raise ValueError("no")

    def stopped():
        yield False
        raise process.Interrupted("stopped")

    log, together = [], Lanes("cpu")
    for name, make in {"a": failing, "b": lambda: turns(log, "b", [False] * 3), "c": stopped}.items():
        together.begin(name, make)
    ended = {each.name: each for _ in range(5) for each in together.round()}
    assert str(ended["a"].error) == "no" and isinstance(ended["c"].error, process.Interrupted)
    assert ended["b"].result == "B" and len(log) == 3


def test_alone_a_training_waits_for_its_own_work(streams):
    log = []
    assert alone(turns(log, "a", [True, False, True, False, False]), "cuda") == "A"
    assert log == ["a0", "a1", "a2", "a3", "a4"] and len(streams[0].events) == 5


def test_events_that_are_done_leave_the_queue():
    lane = Lane("a", turns([], "a", [False]), torch.device("cpu"), events=deque([Event(), Event()]))
    assert not lane.is_ready()
    lane.wait()
    assert lane.is_ready() and len(lane.events) == 1


def test_networks_in_lanes_have_the_records_that_they_have_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(lanes, "own_stream", lambda device: None)
    together, recipe = Lanes("cpu"), RECIPE | {"ema_decay": 0.9, "augmentation": ["crop"], "drop_path": 0.2}
    architectures = {"a": ARCHITECTURE, "b": OTHERS[0], "c": OTHERS[1]}
    for name, architecture in architectures.items():
        arguments = (architecture, COMPLEXITY, recipe, 0, DATASET, tmp_path / "lanes", "cpu", lambda: False, 60.0, 1.0)
        together.begin(name, lambda arguments=arguments: training(*arguments))
    ended, rounds = {}, 0
    while together.active:
        rounds += 1
        ended |= {each.name: each.result for each in together.round()}
    assert rounds > 12  # they did take turns
    for name, architecture in architectures.items():
        assert comparable(ended[name]) == comparable(train(tmp_path / "alone", architecture, recipe))
    assert torch.get_num_threads() == 1
