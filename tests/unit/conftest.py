"""Fixtures of the unit tests."""

import shutil
from pathlib import Path

import pytest
from helpers.configurations import CONFIG
from hypothesis import HealthCheck, settings

# a busy machine is no failure: examples have no time limit
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


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
