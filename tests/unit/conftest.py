"""Fixtures of the unit tests."""

import pytest


@pytest.fixture(scope="module")
def one_thread():
    """Torch on one thread, as in a training job."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
