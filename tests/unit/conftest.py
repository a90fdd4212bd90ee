"""Fixtures of the unit tests."""

import shutil
from pathlib import Path

import pytest
from helpers.configurations import CONFIG


@pytest.fixture
def config_folder(tmp_path) -> Path:
    """A copy of the configuration that a test may change."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


@pytest.fixture(scope="module")
def one_thread():
    """Torch on one thread, as in a training job."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
