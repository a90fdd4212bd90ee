"""Room on a device: never more than fits, in the order of arrival, all in the end, and the log says who waits."""

from helpers.small_runs import laws
from hypothesis import given
from hypothesis import strategies as st
from netspaces.training.lanes import Lanes
from netspaces.training.process import Interrupted
from netspaces.training.room import FILLED, MIB, Predicted, Room


def room(tasks: dict[str, float], free: float, images: float = 0.0, share: float = 1.0) -> Room:
    """Room on a device with so many MiB free."""
    return Room(Predicted(tasks, images, share), lambda: int(free * MIB))


def turns(log: list, name: str, count: int):
    """A training that notes its turns after the first, which needs no room."""
    yield False
    for _ in range(count):
        log.append(name)
        yield False
    return name


@laws
@given(
    sizes=st.lists(st.floats(0, 60), min_size=1, max_size=9),
    counts=st.lists(st.integers(0, 4), min_size=9, max_size=9),
    lanes=st.integers(1, 4),
)
def test_never_more_than_fits_in_order_of_arrival_and_all_in_the_end(sizes, counts, lanes):
    tasks = {str(number): size for number, size in enumerate(sizes)}
    log, held, ended, waiting = [], room(tasks, 100 / FILLED), [], list(tasks)
    together = Lanes("cpu", held)
    while waiting or together.active:
        while waiting and len(together.active) < lanes:
            name = waiting.pop(0)
            together.begin(name, lambda name=name: turns(log, name, counts[int(name)]))
        ended += [each.result for each in together.round()]
        inside = [tasks[name] for name in held.inside]
        assert len(inside) <= 1 or sum(inside) <= held.size
    assert sorted(ended) == sorted(tasks) and not held.inside
    first_turns = [name for position, name in enumerate(log) if name not in log[:position]]
    assert first_turns == sorted(first_turns)


def test_a_large_one_is_not_overtaken_by_small_ones_that_would_fit(capsys):
    log, together = [], Lanes("cpu", room({"a": 60, "b": 50, "c": 10}, 100 / FILLED))
    for name in "abc":
        together.begin(name, lambda name=name: turns(log, name, 2))
    while together.active:
        together.round()
    assert log == ["a", "a", "b", "c", "b", "c"]
    assert capsys.readouterr().out.splitlines() == [
        "memory for 100 MiB of networks: a (60) trains; b (50), c (10) wait",
        "memory for 100 MiB of networks: b (50), c (10) train",
    ]


def test_what_trains_is_said_once_where_nothing_waits(capsys):
    together = Lanes("cpu", room(dict.fromkeys("abcd", 1.0), 100))
    for name in "ab":
        together.begin(name, lambda name=name: turns([], name, 3))
    ended = 0
    while together.active:
        ended += len(together.round())
        if ended == 2 and len(together.active) == 0:
            together.begin("c", lambda: turns([], "c", 1))
            ended += 1
    assert capsys.readouterr().out.splitlines() == ["memory for 90 MiB of networks: a (1), b (1) train"]


def test_one_that_alone_is_too_large_trains_alone():
    held = room({"a": 500, "b": 1}, 100)
    assert held.let_in("a") and not held.let_in("b")
    held.leave("a")
    assert held.let_in("b") and not held.let_in("a")


def test_images_take_room_once_and_none_where_they_are_streamed():
    whole = room({}, 100).size
    assert room({}, 100, images=30, share=0.5).size == whole - 30
    assert room({}, 100, images=30, share=0.2).size == whole
    assert room({}, 100, images=99).size == 0


def test_found_records_need_no_room_and_no_device():
    def found():
        return "record"
        yield

    together = Lanes("cuda", Room(Predicted({"a": 1.0}), None))  # whose free memory nobody can ask for
    together.begin("a", found)
    assert [each.result for each in together.round()] == ["record"]


def test_those_that_wait_give_up_and_those_that_train_do_not():
    log, together = [], Lanes("cpu", room({"a": 60, "b": 50}, 100))
    for name in "ab":
        together.begin(name, lambda name=name: turns(log, name, 9))
    assert together.give_up_waiting() == []  # none has asked for room
    for _ in range(2):
        together.round()
    (given_up,) = together.give_up_waiting()
    assert given_up.name == "b" and isinstance(given_up.error, Interrupted)
    assert [lane.name for lane in together.active] == ["a"]
