"""One answer from several settings: known values, laws, and coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from netspaces.statistics.pooling import pooled
from scipy import stats


def test_equal_errors_and_no_spread_give_the_plain_mean_with_at_least_its_own_error():
    together = pooled([1.0, 1.0, 1.0, 1.0], [0.2] * 4)
    half = 0.1 * stats.t.ppf(0.975, 3)
    assert together.mean.estimate == pytest.approx(1.0) and together.between == 0
    assert (together.mean.low, together.mean.high) == (pytest.approx(1 - half), pytest.approx(1 + half))


def test_settings_that_differ_widen_what_is_expected_of_another_one():
    together = pooled([0.0, 2.0, 4.0, 6.0], [0.1] * 4)
    assert together.between == pytest.approx(np.std([0, 2, 4, 6], ddof=1), rel=0.01)
    assert together.another.low < together.mean.low < 3 < together.mean.high < together.another.high
    assert together.positive == 3


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 10)), min_size=3, max_size=10),
    st.floats(-20, 20),
    st.floats(0.1, 10),
)
def test_a_shift_and_a_scale_carry_through(settings, shift, scale):
    estimates, errors = np.array(settings).T
    one, other = pooled(estimates, errors), pooled(scale * estimates + shift, scale * errors)
    tolerance = {"rel": 1e-3, "abs": 1e-2 * scale}
    assert other.mean.estimate == pytest.approx(scale * one.mean.estimate + shift, **tolerance)
    assert other.another.high == pytest.approx(scale * one.another.high + shift, **tolerance)


@pytest.mark.slow
@pytest.mark.parametrize("between", [0.0, 1.0])
def test_intervals_hold_the_mean_and_another_setting_as_often_as_they_say(between):
    rng, k, simulations = np.random.default_rng(1), 7, 400
    errors, held, foretold = np.linspace(0.3, 1.0, k), 0, 0
    for _ in range(simulations):
        together = pooled(rng.normal(rng.normal(2, between, k), errors), errors)
        held += together.mean.low <= 2 <= together.mean.high
        foretold += together.another.low <= rng.normal(2, between) <= together.another.high
    assert 0.92 <= held / simulations
    assert 0.92 <= foretold / simulations


@pytest.mark.parametrize(
    "estimates, errors",
    [([1.0, 2.0], [1.0, 1.0]), ([1.0, 2.0, np.nan], [1.0] * 3), ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0]), ([1.0] * 3, [1.0])],
)
def test_what_cannot_be_pooled_is_refused(estimates, errors):
    with pytest.raises(ValueError, match=r"^estimates"):
        pooled(estimates, errors)
