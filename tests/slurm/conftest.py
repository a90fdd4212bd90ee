"""One cluster for all tests here, or the reason why there is none."""

from pathlib import Path

import pytest
from helpers.cluster import Cluster, ClusterError


def pytest_collection_modifyitems(items) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slurm)


@pytest.fixture(scope="session")
def cluster():
    """A running cluster with accounting."""
    made = Cluster()
    try:
        made.up()
    except ClusterError as error:
        pytest.skip(f"no SLURM here: {error}")
    yield made
    made.down()
