"""The reliability of one training: known values, laws, and coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from netspaces.statistics.reliability import reliability
from scipy import stats

ERRORS = arrays(float, st.tuples(st.integers(3, 12), st.integers(2, 4)), elements=st.floats(0, 90))


def test_the_example_of_shrout_and_fleiss():
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert reliability(ratings).share.estimate == pytest.approx(0.17, abs=0.005)


@given(ERRORS, st.floats(-5, 5), st.floats(0.5, 4))
def test_shares_do_not_depend_on_the_scale_and_deviations_follow_it(errors, shift, scale):
    one, other = reliability(errors), reliability(scale * errors + shift)
    assert 0 <= one.share.low <= one.share.estimate <= one.share.high <= 1
    assert other.noise == pytest.approx(scale * one.noise, abs=1e-6)
    assert other.between == pytest.approx(scale * one.between, abs=1e-4)


def test_noise_is_the_pooled_deviation_within_networks():
    errors = np.array([[1.0, 3.0], [5.0, 5.0], [9.0, 8.0]])
    assert reliability(errors).noise == pytest.approx(np.sqrt(np.var(errors, axis=1, ddof=1).mean()))


def test_trainings_that_repeat_exactly_are_wholly_reliable_and_pure_noise_is_not():
    repeated = reliability([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    assert (repeated.share.low, repeated.share.estimate, repeated.largest_gain) == (1, 1, np.inf)
    noise = reliability(np.random.default_rng(0).normal(size=(200, 2)))
    assert noise.share.low < 0.1 and noise.largest_gain < 1.3


@pytest.mark.slow
def test_the_interval_holds_the_true_share_as_often_as_it_says():
    rng, held, simulations = np.random.default_rng(0), 0, 1000
    for _ in range(simulations):
        share = reliability(rng.normal(size=(8, 1)) + 0.5 * rng.normal(size=(8, 2))).share
        held += share.low <= 0.8 <= share.high
    assert stats.binomtest(held, simulations, 0.95).pvalue > 0.001


@pytest.mark.parametrize("wrong", [[1.0, 2.0], [[1.0, 2.0]] * 2, [[1.0]] * 3, [[1.0, np.nan]] * 3])
def test_other_shapes_are_refused(wrong):
    with pytest.raises(ValueError, match="^errors: expected finite"):
        reliability(wrong)
