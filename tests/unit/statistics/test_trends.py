"""Trends: the best values of regimes lie on the line that they were made from, and intervals cover its slope."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.best import empirical_bootstrap, mean_best
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.trends import trend

PLACES = np.arange(7.0)


def populations(rng: np.random.Generator, slope: float, n: int = 24) -> tuple[list, list]:
    """Networks of seven regimes whose best value grows by `slope` from one to the next."""
    x = [rng.uniform(0, 20, n) + slope * place for place in PLACES]
    errors = [10 + 0.05 * (v - 10 - slope * p) ** 2 + rng.gamma(2, 1, n) for v, p in zip(x, PLACES, strict=True)]
    return x, errors


@pytest.mark.slow
@pytest.mark.parametrize("slope", [0.0, 1.5])
def test_intervals_cover_a_known_slope(slope):
    rng, trials = np.random.default_rng(1), 150
    found = [trend(PLACES, *populations(rng, slope), resampling=Resampling(resamples=300)).slope for _ in range(trials)]
    covered = np.mean([interval.low <= slope <= interval.high for interval in found])
    assert 0.88 <= covered <= 0.995  # 95 % promised: three standard errors about it
    assert np.mean([interval.estimate for interval in found]) == pytest.approx(slope, abs=0.06)
    widths = [interval.high - interval.low for interval in found]
    assert np.mean(widths) < 1.2  # tells a slope of 1.5 from none


def test_mean_best_value_is_that_of_the_bootstrap_of_the_paper():
    rng = np.random.default_rng(2)
    x, errors = rng.permutation(20), rng.permutation(20).round(-1)  # ties
    drawn = rng.integers(20, size=(100_000, 5))
    simulated = x[drawn[np.arange(len(drawn)), errors[drawn].argmin(1)]].mean()
    assert mean_best(x, errors) == pytest.approx(simulated, abs=0.08)
    assert empirical_bootstrap(x, errors).low <= mean_best(x, errors) <= empirical_bootstrap(x, errors).high


@pytest.mark.slow
def test_intervals_of_slopes_shrink_as_the_square_root_of_n():
    rng, widths = np.random.default_rng(3), {}
    for n in (32, 128, 512):
        slopes = [trend(PLACES, *populations(rng, 1.0, n), resampling=Resampling(resamples=300)) for _ in range(8)]
        assert {of.draws for of in slopes} == {8}
        widths[n] = np.mean([of.slope.high - of.slope.low for of in slopes])
    assert 1.5 < widths[32] / widths[128] < 2.7 and 1.5 < widths[128] / widths[512] < 2.7


def test_exact_lines_have_no_spread():
    x = [np.full(5, 3 + 2 * place) for place in PLACES]
    line = trend(PLACES, x, [np.arange(5.0)] * 7, resampling=Resampling(resamples=50))
    assert (line.slope.estimate, line.slope.low, line.slope.high) == pytest.approx((2, 2, 2))
    for values in (line.best, line.line, line.low, line.high):
        np.testing.assert_allclose(values, 3 + 2 * PLACES)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-3, 3), st.floats(0.1, 4))
def test_trend_follows_shifts_and_scales_and_no_order(seed, shift, scale):
    rng = np.random.default_rng(seed)
    x, errors = populations(rng, 1.0, n=6)
    one = trend(PLACES, x, errors, resampling=Resampling(resamples=40))
    other = trend(PLACES, [scale * v + shift for v in x], errors, resampling=Resampling(resamples=40))
    np.testing.assert_allclose(other.low, scale * one.low + shift)
    assert other.slope.high == pytest.approx(scale * one.slope.high)
    order = rng.permutation(6)
    again = trend(PLACES, [v[order] for v in x], [e[order] for e in errors], resampling=Resampling(resamples=40))
    np.testing.assert_array_equal(again.high, one.high)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (([1.0, 1.0], [[1.0]] * 2, [[1.0]] * 2), "two or more places"),
        (([1.0, 2.0], [[1.0]], [[1.0]] * 2), "one per regime"),
        (([1.0, 2.0], [[1.0], [np.nan]], [[1.0]] * 2), "x: expected|errors: expected"),
        (([1.0, 2.0], [[1.0], []], [[1.0], []]), "x: expected|errors: expected"),
    ],
)
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        trend(*arguments)
