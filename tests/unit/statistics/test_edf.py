"""Error distributions: laws, known values, and the guarantee of the band."""

import numpy as np
import pytest
from helpers.small_errors import ERRORS, laws
from hypothesis import given
from hypothesis import strategies as st
from netspaces.statistics.edf import MANY, edf, legend_label, local_error, step_vertices, visible_jumps
from statsmodels.distributions.empirical_distribution import ECDF


def test_edf_counts_strictly_smaller_errors():
    curve = edf([50.0, 40.0, 40.0])
    assert curve([39.9, 40.0, 40.1, 50.0, 50.1]).tolist() == [0, 0, 2 / 3, 2 / 3, 1]
    assert (curve.n, curve.minimum, curve.mean) == (3, 40.0, pytest.approx(130 / 3))


@laws
@given(ERRORS, st.lists(st.floats(-1, 101), min_size=2, max_size=20))
def test_edf_is_the_monotone_share_that_statsmodels_computes(errors, points):
    curve, points = edf(errors), np.sort([*points, *errors])
    assert curve(points) == pytest.approx(ECDF(errors, side="left")(points))
    assert np.all(np.diff(curve(points)) >= 0)


@laws
@given(ERRORS)
def test_mean_is_the_area_above_the_edf(errors):
    x, y, lower, upper = edf(errors).steps(limits=(0, 100))
    assert np.trapezoid(1 - y, x) == pytest.approx(np.mean(errors))
    assert np.all(np.diff(x) >= 0) and np.all(np.diff(y) >= 0)
    assert np.all((lower >= 0) & (lower <= y) & (y <= upper) & (upper <= 1))


def test_steps_have_two_vertices_per_distinct_error():
    x, y, *_ = edf([40.0, 40.0, 50.0, 60.0]).steps()
    assert x.tolist() == [40, 40, 50, 50, 60, 60]
    assert y.tolist() == [0, 0.5, 0.5, 0.75, 0.75, 1]


def test_beyond_the_sample_the_band_goes_on_to_the_limits():
    x, y, lower, upper = edf([40.0, 50.0, 60.0]).steps(limits=(30, 100))
    half = edf([40.0, 50.0, 60.0]).half_width
    assert (x[0], y[0], lower[0], upper[0]) == (30, 0, 0, half)
    assert (x[-1], y[-1], lower[-1], upper[-1]) == (100, 1, 1 - half, 1)


def test_band_has_massarts_constant():
    curve = edf(np.linspace(38, 60, 500))
    assert curve.half_width == pytest.approx(0.06074, abs=1e-5)
    lower, upper = curve.band(curve([30.0, 49.0, 70.0]))
    assert lower[0] == 0 and upper[2] == 1
    assert upper[1] - lower[1] == pytest.approx(2 * curve.half_width)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "level"), [(10, 0.95), (30, 0.9), (100, 0.8)])
def test_band_holds_the_whole_distribution_as_often_as_it_says(n, level):
    rng, held, trials = np.random.default_rng(n), 0, 3000
    for uniform in rng.random((trials, n)):
        curve = edf(uniform, level)
        truth, _, lower, upper = curve.steps()  # F(e) = e
        held += np.all((lower <= truth) & (truth <= upper))
    assert level <= held / trials <= level + 0.05


def test_legend_label_follows_the_paper():
    assert legend_label([39.04, 58.96], "AnyNetX") == "[39.0|49.0] AnyNetX"


# ---- Curves of many networks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [MANY + 1, 3 * MANY, 50_000])
def test_a_curve_of_many_networks_is_thinned_and_stays_within_a_dot(n):
    rng = np.random.default_rng(n)
    errors = np.r_[rng.gamma(4, 2, n - 200), np.full(200, 90.0)]  # with ties, as chance error has
    curve = edf(errors)
    x, y, *_ = curve.steps()
    kept, after = x[1::2], y[1::2]
    assert len(kept) <= min(n, MANY + 2)
    thinned = np.r_[0.0, after][np.searchsorted(kept, np.unique(errors), side="right")]
    missing = np.searchsorted(np.sort(errors), np.unique(errors), side="right") / n - thinned
    assert np.all(missing >= 0) and np.all(missing < 1 / MANY)
    assert (x[0], x[-1], y[-1]) == (errors.min(), errors.max(), 1)


def test_a_curve_of_few_networks_keeps_every_jump():
    values = np.arange(MANY, dtype=float)
    x, _ = step_vertices(values, np.arange(1, MANY + 1) / MANY)
    assert x[::2].tolist() == values.tolist()
    assert visible_jumps(np.array([0.3, 0.30001, 0.30002, 1.0])).tolist() == [True, False, False, True]


# ---- Bands of equal local levels -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 60])
def test_bands_of_equal_local_levels_hold_the_whole_curve_as_often_as_they_say(n):
    rng, held = np.random.default_rng(n), 0
    for _ in range(1000):
        uniform = np.sort(rng.random(n))
        lower, upper = edf(uniform).local_band(np.arange(n + 1) / n)
        held += (lower[1:] <= uniform).all() and (uniform <= upper[:-1]).all()  # F jumps at the errors
    assert 0.93 <= held / 1000 <= 0.97


def test_bands_of_equal_local_levels_are_narrow_at_the_ends_and_wider_in_the_middle():
    of = edf(np.arange(500.0))
    for share, expected in ((0.0, 0.3), (0.05, 0.6), (0.5, 1.3)):
        (lower, upper), (low, high) = of.local_band(np.array(share)), of.band(np.array(share))
        assert upper - lower < expected * (high - low)
    assert upper - lower > high - low
    assert of.local_band(np.array([0.0, 1.0]))[0][0] == 0 and of.local_band(np.array([0.0, 1.0]))[1][1] == 1


def test_local_errors_fall_slowly_and_without_a_jump():
    errors = [local_error(n, 0.95) for n in (10, 100, 1000, 1001, 100_000)]
    assert errors == sorted(errors, reverse=True) and errors[3] == pytest.approx(errors[2], rel=0.01)
    assert errors[4] > errors[2] / 3
