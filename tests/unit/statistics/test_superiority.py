"""P(a better): a public implementation, known limits, mirrors, and coverage up to probabilities near 1."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.superiority import newcombe_limits, placements, superiority
from scipy import stats
from scipy.special import logit
from statsmodels.stats.nonparametric import rank_compare_2indep


def test_estimate_and_variance_are_those_of_a_public_implementation():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 25).round(1), rng.normal(0.5, 2, 40).round(1)
    public, found = rank_compare_2indep(b, a), superiority(a, b)
    assert found.estimate == pytest.approx(public.prob1)
    b_above, a_below = placements(a, b)
    assert b_above.var(ddof=1) / 25 + a_below.var(ddof=1) / 40 == pytest.approx(public.var / 65)
    logits = logit([found.low, found.estimate, found.high])
    assert logits[1] - logits[0] == pytest.approx(logits[2] - logits[1], rel=0.02)  # of equal length in logits


@pytest.mark.slow
def test_limits_of_newcombe_lie_two_standard_errors_of_exponential_errors_away():
    rng, n = np.random.default_rng(1), 40
    for limit, side in zip(newcombe_limits(0.9, n, n, 0.95), (1, -1), strict=True):
        drawn = rng.exponential(1, (4000, n)), rng.exponential(limit / (1 - limit), (4000, n))
        found = [placements(a, b)[0].mean() for a, b in zip(*drawn, strict=True)]
        assert np.mean(found) == pytest.approx(limit, abs=0.004)
        assert limit + side * stats.norm.ppf(0.975) * np.std(found) == pytest.approx(0.9, abs=0.004)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(2, 12))
def test_swapped_populations_mirror_the_interval(seed, n_a, n_b):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 8, n_a) * 1.0, rng.integers(0, 8, n_b) * 1.0
    one, other = superiority(a, b), superiority(b, a)
    assert (one.estimate, one.low, one.high) == pytest.approx((1 - other.estimate, 1 - other.high, 1 - other.low))
    assert 0 <= one.low <= one.estimate <= one.high <= 1
    assert one.high - one.low > 0


def test_separated_populations_have_the_limit_of_clopper_and_pearson():
    found = superiority(np.arange(20.0), np.arange(50.0, 80.0))
    assert (found.estimate, found.high) == (1, 1)
    assert found.low == pytest.approx(stats.binomtest(20, 20).proportion_ci(0.95, method="exact").low)


def test_one_pair_in_the_other_order_is_no_proof():
    """It was: the interval on the scale of P began at 0.9963, where no pair at all in that order gave 0.891."""
    a, b = np.arange(32.0), np.arange(32.0) + 100
    none, a[31] = superiority(a, b), 100.5
    one = superiority(a, b)
    assert one.estimate == pytest.approx(1 - 1 / 1024)
    assert one.low < 0.95 and (1 - one.low) > 0.5 * (1 - none.low)


@pytest.mark.slow
@pytest.mark.parametrize("n", [16, 32, 100])
@pytest.mark.parametrize("truth", [0.5, 0.9, 0.98, 0.993])
@pytest.mark.parametrize("spread", [1, 3])
def test_coverage(n, truth, spread):
    """Of 500 pairs of normal populations each; 95 % promised, less three standard errors."""
    rng, mean = np.random.default_rng([n, round(1000 * truth), spread]), stats.norm.ppf(truth) * np.hypot(1, spread)
    found = [superiority(rng.normal(0, 1, n), rng.normal(mean, spread, n)) for _ in range(500)]
    assert 0.925 <= np.mean([interval.low <= truth <= interval.high for interval in found]) <= 0.998
