"""Untrained networks: the next ones of the stream of a population, whatever its size, and no more than can be found."""

import numpy as np
import pytest
from helpers.small_spaces import DIGITS, MOBILE, OWN_REGIMES, imagenet, small
from netspaces.spaces.sampling import SamplingError, sample
from netspaces.spaces.untrained import FIRST, sample_untrained


def test_they_are_the_next_networks_of_the_stream():
    definition = imagenet("RegNetX")
    found = sample_untrained(definition, MOBILE, 0, 5, 20)
    expected = sample(definition, MOBILE, 0, range(5, 25)).columns()
    assert found["index"].tolist() == list(range(5, 25))
    assert {name: column.tolist() for name, column in found.items()} == {
        name: column.tolist() for name, column in expected.items()
    }


@pytest.mark.parametrize("count", [1, FIRST, FIRST + 1, 200])
def test_more_of_them_leave_the_first_ones(count):
    definition = small()
    regime = {"flops": [1e5, 1e6]}
    few, many = (sample_untrained(definition, regime, 0, 8, n) for n in (count, 300))
    assert len(few["index"]) == count
    for name, column in few.items():
        assert column.tolist() == many[name][:count].tolist()


def test_where_few_candidates_are_accepted_there_are_fewer():
    definition, regime = small(), {"flops": [1e5, 1e6]}
    whole = sample_untrained(definition, regime, 0, 0, 300)
    limit = int(whole["draws"][:FIRST].sum())
    found = sample_untrained(definition, regime, 0, 0, 300, most_draws=limit)
    assert len(found["index"]) == FIRST
    assert len(sample_untrained(definition, regime, 0, 0, 300, most_draws=limit + 1)["index"]) == 2 * FIRST


def test_a_space_without_networks_says_so():
    with pytest.raises(SamplingError, match="no network found"):
        sample_untrained(small(), {"flops": [1, 2]}, 0, 0, 1)


def test_a_space_of_one_network_repeats_it():
    (name, regime), *_ = OWN_REGIMES.items()
    found = sample_untrained(DIGITS.spaces[name], DIGITS.settings["regimes"][regime], 0, 4, 10)
    assert len(found["index"]) == 10 and len(np.unique(found["flops"])) == 1
    assert len(np.unique(found["learning_rate"])) == 10


def test_parts_of_different_depth_have_the_same_columns():
    """Where each block is a stage, the deepest network decides how many stages a table has."""
    definition = DIGITS.spaces["RegNetX_unquantised"]
    found = sample_untrained(definition, DIGITS.settings["regimes"]["base"], 0, 0, 3 * FIRST)
    assert {len(column) for column in found.values()} == {3 * FIRST}
    stages = found["stages"].max()
    assert (np.stack([found[f"depth_{i + 1}"] for i in range(stages)]).sum(axis=0) == found["depth"]).all()
