"""What holds for all tests."""

import gc
import sys

import pytest

gc.set_threshold(50_000)  # objects that are new, not 700: looking for garbage that often is a twentieth of the work


def pytest_collection_finish() -> None:
    """What the tests import stays for good: the garbage collector need not walk through it.

    Holm's correction in statsmodels collects all garbage at every call. Torch computes with one thread, as in a job:
    several threads would mostly wait for each other on networks as small as those of the tests.
    """
    gc.freeze()
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


@pytest.fixture(scope="module", autouse=True)
def what_was_made_before_is_left_alone() -> None:
    """Nor through what the files of tests before this one left behind: caches, and modules imported late."""
    gc.collect()
    gc.freeze()
