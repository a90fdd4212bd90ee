"""What holds for all tests."""

import gc


def pytest_collection_finish() -> None:
    """What the tests import stays for good: the garbage collector need not walk through it.

    Holm's correction in statsmodels collects all garbage at every call.
    """
    gc.freeze()
