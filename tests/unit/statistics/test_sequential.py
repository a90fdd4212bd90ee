"""Looking at growing samples: published constants, laws, and a simulation of who looks five times."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.sequential import chance_of_a_crossing, pocock_level
from scipy import stats


def z_of(level: float) -> float:
    return stats.norm.ppf((1 + level) / 2)


@pytest.mark.parametrize("looks, z", [(1, 1.960), (2, 2.178), (3, 2.289), (4, 2.361), (5, 2.413)])
def test_equal_steps_give_the_constants_that_pocock_printed(looks, z):
    assert z_of(pocock_level(range(1, looks + 1))) == pytest.approx(z, abs=0.002)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(8, 2000), min_size=2, max_size=5, unique=True), st.sampled_from([0.8, 0.95, 0.99]))
def test_a_look_has_a_level_between_that_of_one_look_and_bonferronis(sizes, level):
    each = pocock_level(sorted(sizes), level)
    assert level < each < 1 - (1 - level) / len(sizes)


@pytest.mark.slow
def test_who_looks_five_times_is_wrong_as_often_as_promised():
    rng, sizes = np.random.default_rng(0), np.array([32, 64, 128, 256, 512])
    walks = rng.normal(size=(20_000, sizes[-1])).cumsum(axis=1)[:, sizes - 1] / np.sqrt(sizes)
    wrong = (np.abs(walks) > z_of(pocock_level(sizes))).any(axis=1).mean()
    naive = (np.abs(walks) > 1.96).any(axis=1).mean()
    assert wrong == pytest.approx(0.05, abs=0.005) and naive > 0.13
    assert chance_of_a_crossing(sizes / sizes[-1], 1.96) == pytest.approx(naive, abs=0.01)


@pytest.mark.parametrize("sizes", [[], [0], [32, 32], [64, 32]])
def test_sizes_that_do_not_grow_are_refused(sizes):
    with pytest.raises(ValueError, match=r"^sizes: got .* expected numbers of networks that grow"):
        pocock_level(sizes)
