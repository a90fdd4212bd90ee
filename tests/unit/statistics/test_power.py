"""How many networks a difference takes: known values, laws, and a simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.power import networks_wanted
from scipy import stats
from statsmodels.stats.power import TTestIndPower


@pytest.mark.parametrize("effect", [0.2, 0.5, 0.8, 1.5])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.999])
def test_equal_spreads_need_what_statsmodels_says(effect, level):
    expected = TTestIndPower().solve_power(effect, alpha=1 - level, power=0.8, alternative="two-sided")
    assert networks_wanted(effect, (1.0, 1.0), level) == pytest.approx(math.ceil(expected), rel=0.002, abs=1)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.2, 5), st.floats(0.1, 10), st.floats(0.1, 10))
def test_smaller_differences_and_stricter_levels_need_more(difference, one, other):
    n = networks_wanted(difference, (one, other))
    assert n == networks_wanted(-difference, (other, one))
    assert networks_wanted(difference / 2, (one, other)) >= n
    assert networks_wanted(difference, (one, other), level=0.999) >= n


def test_so_many_networks_find_it_four_times_in_five():
    n, rng = networks_wanted(3.0, (1.0, 6.0)), np.random.default_rng(0)
    found = 0
    for _ in range(1000):
        result = stats.ttest_ind(rng.normal(3, 1, n), rng.normal(0, 6, n), equal_var=False)
        found += result.pvalue < 0.05
    assert stats.binomtest(found, 1000, 0.8).pvalue > 0.001


def test_no_difference_is_never_found_and_no_spread_at_once():
    assert networks_wanted(0.0, (1.0, 1.0)) == networks_wanted(1e-6, (1.0, 1.0)) == math.inf
    assert networks_wanted(1.0, (0.0, 0.0)) == 2 and networks_wanted(0.0, (0.0, 0.0)) == math.inf


@pytest.mark.parametrize("wrong", [{"level": 1.0}, {"power": 0.0}, {"deviations": (-1.0, 1.0)}])
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError):
        networks_wanted(**{"difference": 1.0, "deviations": (1.0, 1.0)} | wrong)
