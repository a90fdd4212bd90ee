"""One finished run of the workflow for all tests that only look at it."""

import pytest
from helpers.running import Workflow


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Workflow:
    """A finished run of the tiny preset; tests that change it make a copy."""
    workflow = Workflow(tmp_path_factory.mktemp("finished"))
    workflow.run(forked=False)
    return workflow
