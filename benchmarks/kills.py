"""Kills a small run at every write and at random moments, and fills its disk: does it end in the same bytes?

    python benchmarks/kills.py                 # every event, 100 random moments, 20 kinds of full disk
    python benchmarks/kills.py --events 8 --moments 5 --full 4

A trial is right if the run that is started again ends in the files of an undisturbed run, timings aside, and leaves
neither a temporary file nor a checkpoint; of a full disk also if what it says is one line per process and no traceback.
Exits with 1 if a trial is wrong.
"""

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path[:0] = [str(REPOSITORY / "scripts"), str(REPOSITORY / "tests")]

import torch  # noqa: E402
from helpers.kills import KINDS, OPERATIONS, Trials  # noqa: E402


def spread(values: Iterable, count: int | None) -> list:
    """So many of some values, evenly spread; all for None."""
    values = list(values)
    if count is None or count >= len(values):
        return values
    return [values[int((number + 0.5) * len(values) / count)] for number in range(count)]


def report(kind: str, trials: Iterable[Callable[[], str]]) -> int:
    """Do trials of a kind, print what is wrong and how many there were; returns how many are wrong."""
    started, results = time.monotonic(), []
    for trial in trials:
        results.append(trial())
        if results[-1]:
            print(f"WRONG: {results[-1]}", flush=True)
    wrong = sum(map(bool, results))
    print(f"{kind}: {len(results)} trials, {wrong} wrong, {time.monotonic() - started:.0f} s", flush=True)
    return wrong


def moments(trials: Trials, count: int) -> Iterable[Callable[[], str]]:
    """Kills at random moments; every third run is killed once more after it was started again."""
    random_numbers = random.Random(0)
    for number in range(count):
        seconds = [random_numbers.uniform(0, trials.seconds) for _ in range(1 + (number % 3 == 0))]
        yield lambda seconds=seconds: trials.killed_after(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, help="how many of the events to kill at; all if not given")
    parser.add_argument("--moments", type=int, default=100, help="how many random moments to kill at")
    parser.add_argument("--full", type=int, help="how many of the kinds of full disk; all 16 if not given")
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(Path(folder))
        print(f"undisturbed: {trials.seconds:.2f} s, {len(trials.events)} events on files", flush=True)
        kinds = itertools.product(OPERATIONS, KINDS)
        full = [lambda kind=kind: trials.full(*kind) for kind in spread(kinds, given.full)]
        events = spread(range(len(trials.events)), given.events)
        kills = [lambda number=number: trials.killed_at_event(number) for number in events]
        wrong = report("full disks", full)
        wrong += report("kills at events", kills)
        wrong += report("kills at random moments", moments(trials, given.moments))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
