"""The device that the tests here are for; `--device cpu` tries the tests themselves where there is no GPU."""

from pathlib import Path

import pytest
import torch


def pytest_addoption(parser) -> None:
    parser.addoption("--device", default="cuda", choices=["cuda", "cpu"], help="what trains")


def pytest_collection_modifyitems(config, items) -> None:
    here = Path(__file__).parent
    missing = config.getoption("--device") == "cuda" and not torch.cuda.is_available()
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.gpu)
            if missing:
                item.add_marker(pytest.mark.skip(reason="torch sees no GPU here"))


@pytest.fixture(scope="session")
def device(request) -> str:
    return request.config.getoption("--device")


@pytest.fixture
def on_gpu(device) -> None:
    """For tests of what only a GPU has."""
    if device == "cpu":
        pytest.skip("a CPU has none of this")
