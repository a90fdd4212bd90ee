"""Changed files of the configuration are refused in one line or plan: some hundred changes here, more by a command."""

import pytest
from helpers import fuzzing

COUNT, SEEDS = 75, range(4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_changed_configuration_is_refused_in_one_line_or_plans(seed):
    counts, faults = fuzzing.fuzz(COUNT, seed)
    assert not faults
    assert sum(counts.values()) == COUNT and min(counts.values()) > COUNT / 20  # it finds both


def test_the_fuzzer_sees_what_ends_otherwise(monkeypatch):
    def fail(*_: object) -> None:
        raise KeyError("panels")

    monkeypatch.setattr(fuzzing, "load", fail)
    counts, faults = fuzzing.fuzz(3, seed=0)
    assert counts == {"refused": 0, "plans": 0}
    assert [len(changes) for changes in faults.values()] == [3] and "KeyError" in next(iter(faults))


def test_the_fuzzer_ends_what_hangs(monkeypatch):
    def hang(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzzing, "load", hang)
    monkeypatch.setattr(fuzzing, "SECONDS", 0.05)
    _, faults = fuzzing.fuzz(1, seed=0)
    assert next(iter(faults)).startswith("Hangs")


def test_changes_depend_on_the_seed_only():
    first, again, other = (list(fuzzing.changes(20, seed)) for seed in (1, 1, 2))
    assert [(c.file, c.what) for c in first] == [(c.file, c.what) for c in again] != [(c.file, c.what) for c in other]
