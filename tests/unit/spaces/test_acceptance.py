"""A first look at how many draws of a design space are accepted."""

from functools import partial

import pytest
from helpers.invented import definition
from netspaces.spaces import acceptance
from netspaces.spaces.acceptance import NETWORKS, measure_acceptance
from netspaces.spaces.sampling import SamplingError, sample

REGIME = {"flops": [1e5, 2e5]}


def test_draws_are_those_that_sampling_takes():
    found = measure_acceptance("RegNetX-base-short", definition("RegNetX"), REGIME, 3)
    draws = sample(definition("RegNetX"), REGIME, 3, range(NETWORKS)).draws
    assert found["draws"] == draws.sum() and found["networks"] == NETWORKS
    assert found["acceptance"] == NETWORKS / found["draws"] < 1
    assert sum(found["rejections"].values()) == found["draws"] - NETWORKS


def test_an_impossible_space_says_why(monkeypatch):
    monkeypatch.setattr(acceptance, "sample", partial(sample, max_draws=10_000))
    with pytest.raises(SamplingError, match="flops above 2"):
        measure_acceptance("RegNetX-base-short", definition("RegNetX"), {"flops": [1, 2]}, 0)
