"""Limits at every level: known distributions, p values by inversion, several quantities at once, BCa limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.bootstrap_tails import resampled, weighted_means
from netspaces.statistics.confidence import SMALLEST_ERROR, Confidence, largest_size, smallest, student, wider
from scipy import stats

ERRORS = st.floats(1e-6, 0.5)


def normal(estimate: float, error: float = 1.0) -> Confidence:
    return student(estimate, error, 1e9)


def skewed(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 10 + rng.gamma(2.0, 2.0, n) + 30 * (rng.random(n) < 0.06)


# ---- p values --------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.floats(-2, 2))
def test_p_values_of_students_limits_are_those_of_the_t_test(seed, edge):
    x = np.random.default_rng(seed).normal(0.5, 1, 12)
    of = student(x.mean(), stats.sem(x), 11)
    for alternative, p in (("greater", of.p_below(edge)), ("less", of.p_above(edge))):
        public = stats.ttest_1samp(x, edge, alternative=alternative).pvalue
        assert p == pytest.approx(max(public, SMALLEST_ERROR), rel=1e-3) if public < 0.5 else p == 1


@settings(max_examples=40, deadline=None)
@given(ERRORS, st.integers(0, 100))
def test_a_limit_lies_at_the_edge_whose_p_value_is_its_error(error, seed):
    of = weighted_means([skewed(30, seed)], [1.0])
    assert of.p_below(of.lower(error)) == pytest.approx(error, rel=2e-3, abs=1e-8)
    assert of.lower(error) <= of.lower(0.5) and of.upper(error) >= of.upper(0.5)


def test_what_is_exact_or_unknown():
    point, unknown = Confidence.point(3.0), Confidence.unknown(3.0)
    assert point.is_exact and point.is_known and not unknown.is_known and not unknown.is_exact
    assert (point.p_below(3.0), point.p_not_above(3.0)) == (SMALLEST_ERROR, 1.0)
    assert unknown.p_below(0) == 1 and math.isnan(unknown.limits(0.1).low)
    assert wider(unknown, normal(3.0)).limits(0.1) == normal(3.0).limits(0.1)


# ---- Several at once -------------------------------------------------------------------------------------------------


def test_the_smallest_is_above_an_edge_without_sharing_the_error_and_below_it_with():
    of = smallest([normal(0.0), normal(1.0), normal(5.0)])
    assert of.estimate == 0 and of.lower(0.01) == normal(0.0).lower(0.01)
    assert of.upper(0.03) == normal(0.0).upper(0.01)


def test_the_largest_size_is_below_an_edge_without_sharing_the_error_and_above_it_with():
    of = largest_size([normal(-4.0), normal(1.0)])
    assert of.estimate == 4 and of.upper(0.01) == -normal(-4.0).lower(0.01)
    assert of.lower(0.04) == -normal(-4.0).upper(0.01)
    assert largest_size([normal(0.1)]).lower(0.05) == 0


@pytest.mark.slow
@pytest.mark.parametrize("true", [(0.0, 0.0, 0.0), (0.0, 3.0, 3.0)])
def test_limits_of_extremes_err_no_more_than_they_say(true):
    rng, missed = np.random.default_rng(0), np.zeros(4)
    for _ in range(2000):
        each = [normal(x) for x in rng.normal(true, 1)]
        low, size = smallest(each), largest_size(each)
        missed += [
            low.lower(0.05) > min(true),
            low.upper(0.05) < min(true),
            size.lower(0.05) > max(true),
            size.upper(0.05) < max(true),
        ]
    assert (missed / 2000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)).all()


# ---- BCa -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [(1.0,), (1.0, -1.0), (1.0, -2.0, 1.0)])
def test_limits_of_means_are_those_of_many_resamples(weights):
    samples = [skewed(64, seed) for seed in range(len(weights))]

    def statistic(*drawn, axis):
        return sum(w * x.mean(axis) for w, x in zip(weights, drawn, strict=True))

    of, result = weighted_means(samples, weights), None
    assert of.estimate == pytest.approx(statistic(*samples, axis=0))
    spread = np.sqrt(sum(w**2 * x.var() / x.size for w, x in zip(weights, samples, strict=True)))
    for error, off in ((0.025, 0.05), (0.0025, 0.3)):
        level, more = 1 - 2 * error, 0 if result else 40_000
        result = stats.bootstrap(
            samples, statistic, n_resamples=more, confidence_level=level, batch=4000, rng=1, bootstrap_result=result
        )
        public = result.confidence_interval
        assert (of.lower(error), of.upper(error)) == pytest.approx(tuple(public), abs=off * spread)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 15))
def test_limits_of_few_values_surround_the_mean_and_move_outwards_within_the_values(seed, n):
    x = skewed(n, seed)
    of, errors = weighted_means([x], [1.0]), (0.3, 0.1, 0.025, 0.001, 1e-6)
    lower, upper = [of.lower(error) for error in errors], [of.upper(error) for error in errors]
    assert lower == sorted(lower, reverse=True) and upper == sorted(upper)
    assert x.min() * (1 - 1e-9) <= lower[-1] and lower[2] < of.estimate < upper[2] and upper[-1] <= x.max() * (1 + 1e-9)


def test_limits_of_resampled_values_are_those_of_scipy():
    x = skewed(40, 3)
    drawn = x[np.random.default_rng(0).integers(40, size=(40_000, 40))].std(axis=1)
    left = np.array([np.delete(x, i).std() for i in range(40)])
    of = resampled(float(x.std()), drawn, [39 * (left.mean() - left)])
    public = stats.bootstrap((x,), np.std, n_resamples=40_000, rng=2, batch=4000).confidence_interval
    assert (of.lower(0.025), of.upper(0.025)) == pytest.approx(tuple(public), abs=0.15)


def test_resamples_without_a_value_lie_beyond_both_limits():
    values = np.r_[np.linspace(0, 1, 98), np.nan, np.nan]
    of = resampled(0.5, values, [np.array([-1.0, 1.0])])
    assert math.isnan(of.lower(0.01)) and of.lower(0.1) < of.estimate < of.upper(0.1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(-100, 100))
def test_limits_of_means_follow_shifts_and_scales_and_mirrors(seed, scale, shift):
    x = skewed(20, seed)
    one, other = weighted_means([x], [1.0]), weighted_means([scale * x + shift], [1.0])
    assert other.lower(0.01) == pytest.approx(scale * one.lower(0.01) + shift, rel=1e-6, abs=1e-6)
    assert weighted_means([-x], [1.0]).upper(0.01) == pytest.approx(-one.lower(0.01), rel=1e-6)
    assert weighted_means([x[::-1]], [1.0]).lower(0.01) == pytest.approx(one.lower(0.01), rel=1e-9)


def test_equal_values_are_exact():
    assert weighted_means([np.full(10, 7.0), np.full(10, 5.0)], [1.0, -1.0]).is_exact
