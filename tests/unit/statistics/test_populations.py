"""Laws, known values and simulated guarantees of `netspaces.statistics.core`; comparisons have tests of their own."""

from itertools import product

import numpy as np
import pytest
from helpers.small_errors import population
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics import core as statistics
from scipy import stats
from statsmodels.distributions.empirical_distribution import ECDF

laws = settings(deadline=None, derandomize=True, max_examples=60)
# coarse values, so that ties are common, as they are with small test sets
ERRORS = st.lists(st.integers(0, 40).map(lambda k: k * 2.5), min_size=1, max_size=40)


# ------------------------------------------------------------------------------------------------
# Error distributions
# ------------------------------------------------------------------------------------------------


def test_edf_counts_strictly_smaller_errors():
    curve = statistics.edf([50.0, 40.0, 40.0])
    assert curve([39.9, 40.0, 40.1, 50.0, 50.1]).tolist() == [0, 0, 2 / 3, 2 / 3, 1]
    assert (curve.n, curve.minimum, curve.mean) == (3, 40.0, pytest.approx(130 / 3))


@laws
@given(ERRORS, st.lists(st.floats(-1, 101), min_size=2, max_size=20))
def test_edf_is_the_monotone_share_that_statsmodels_computes(errors, points):
    curve, points = statistics.edf(errors), np.sort([*points, *errors])
    assert curve(points) == pytest.approx(ECDF(errors, side="left")(points))
    assert np.all(np.diff(curve(points)) >= 0)


@laws
@given(ERRORS)
def test_mean_is_the_area_above_the_edf(errors):
    x, y, lower, upper = statistics.edf(errors).steps(limits=(0, 100))
    assert np.trapezoid(1 - y, x) == pytest.approx(np.mean(errors))
    assert np.all(np.diff(x) >= 0) and np.all(np.diff(y) >= 0)
    assert np.all((lower >= 0) & (lower <= y) & (y <= upper) & (upper <= 1))


def test_steps_have_two_vertices_per_distinct_error():
    x, y, *_ = statistics.edf([40.0, 40.0, 50.0, 60.0]).steps()
    assert x.tolist() == [40, 40, 50, 50, 60, 60]
    assert y.tolist() == [0, 0.5, 0.5, 0.75, 0.75, 1]


def test_band_has_massarts_constant():
    curve = statistics.edf(np.linspace(38, 60, 500))
    assert curve.half_width == pytest.approx(0.06074, abs=1e-5)
    lower, upper = curve.band(curve([30.0, 49.0, 70.0]))
    assert lower[0] == 0 and upper[2] == 1
    assert upper[1] - lower[1] == pytest.approx(2 * curve.half_width)


@pytest.mark.parametrize(("n", "level"), [(10, 0.95), (30, 0.9), (100, 0.8)])
def test_band_holds_the_whole_distribution_as_often_as_it_says(n, level):
    rng, held, trials = np.random.default_rng(n), 0, 3000
    for uniform in rng.random((trials, n)):
        curve = statistics.edf(uniform, level)
        truth, _, lower, upper = curve.steps()  # F(e) = e
        held += np.all((lower <= truth) & (truth <= upper))
    assert level <= held / trials <= level + 0.05


def test_legend_label_follows_the_paper():
    assert statistics.legend_label([39.04, 58.96], "AnyNetX") == "[39.0|49.0] AnyNetX"


# ------------------------------------------------------------------------------------------------
# Empirical bootstrap
# ------------------------------------------------------------------------------------------------


def winning_shares_by_enumeration(errors, draws):
    """Share of all possible resamples that each network wins as the first best one drawn."""
    resamples = np.array(list(product(range(len(errors)), repeat=draws)))
    first_best = np.asarray(errors)[resamples].argmin(axis=1)
    winners = resamples[np.arange(len(resamples)), first_best]
    return np.bincount(winners, minlength=len(errors)) / len(resamples)


@pytest.mark.parametrize("errors", [[4, 1, 3, 2], [1, 1, 2, 2], [5, 5, 5, 5], [2, 1, 1, 1]])
@pytest.mark.parametrize("draws", [1, 2, 3, 4])
def test_exact_bootstrap_equals_enumeration_of_all_resamples(errors, draws):
    share = winning_shares_by_enumeration(errors, draws)
    x = np.array([10.0, 40.0, 20.0, 30.0])
    best = statistics.empirical_bootstrap_exact(x, errors, fraction=draws / 4, level=0.7)
    assert best.effective_winners == pytest.approx(1 / np.sum(share**2))
    cumulative = np.cumsum(share[np.argsort(x)])
    expected = [np.sort(x)[np.searchsorted(cumulative, q - 1e-12)] for q in (0.15, 0.5, 0.85)]
    assert [best.low, best.median, best.high] == expected
    assert (best.n, best.draws, best.resamples) == (4, draws, None)


def test_bootstrap_converges_to_the_exact_one():
    rng = np.random.default_rng(1)
    errors, depth = population(rng, 500).round(1), rng.integers(5, 54, 500)
    exact = statistics.empirical_bootstrap_exact(depth, errors)
    sampled = statistics.empirical_bootstrap(depth, errors)
    assert (sampled.draws, sampled.resamples, sampled.level) == (125, 10_000, 0.95)
    wider, narrower, middle = (
        statistics.empirical_bootstrap_exact(depth, errors, level=level) for level in (0.96, 0.94, 0.02)
    )
    assert wider.low <= sampled.low <= narrower.low
    assert narrower.high <= sampled.high <= wider.high
    assert middle.low <= sampled.median <= middle.high
    assert sampled.effective_winners == pytest.approx(exact.effective_winners, rel=0.03)


def test_a_quarter_of_500_networks_rests_on_eight():
    best = statistics.empirical_bootstrap_exact(np.arange(500), np.arange(500.0))
    assert best.effective_winners == pytest.approx(8.0, abs=0.05)
    share_of_the_best = 1 - (499 / 500) ** 125  # 22 %
    assert best.median == np.ceil(np.log(0.5) / np.log(1 - share_of_the_best)) - 1


@laws
@given(ERRORS, st.randoms(use_true_random=False), st.floats(0.05, 1.0))
def test_exact_bootstrap_ignores_the_order_of_rows_and_the_scale_of_errors(errors, random, fraction):
    x = np.arange(len(errors), dtype=float)
    order = random.sample(range(len(errors)), len(errors))
    one = statistics.empirical_bootstrap_exact(x, errors, fraction)
    other = statistics.empirical_bootstrap_exact(x[order], np.sqrt(errors)[order] + 7, fraction)
    assert (one.low, one.median, one.high) == (other.low, other.median, other.high)
    assert one.effective_winners == pytest.approx(other.effective_winners)
    assert one.draws == max(1, int(fraction * len(errors)))


def test_bootstrap_depends_on_the_seed_and_not_on_the_chunks(monkeypatch):
    rng = np.random.default_rng(2)
    x, errors = rng.random(101), population(rng, 101)
    once = statistics.empirical_bootstrap(x, errors, resamples=999, seed=3)
    monkeypatch.setattr(statistics, "DRAWS_AT_ONCE", 700)
    assert statistics.empirical_bootstrap(x, errors, resamples=999, seed=3) == once
    assert statistics.empirical_bootstrap(x, errors, resamples=999, seed=4) != once


def test_bootstrap_of_one_network():
    for best in (
        statistics.empirical_bootstrap([20], [39.0], resamples=5),
        statistics.empirical_bootstrap_exact([20], [39.0]),
    ):
        assert (best.low, best.median, best.high, best.effective_winners) == (20, 20, 20, 1)


# ------------------------------------------------------------------------------------------------
# Random search
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("errors", [[4.0, 1.0, 3.0, 2.5], [7.0, 7.0, 1.0, 2.0], [5.0] * 4])
def test_exact_search_equals_enumeration_of_all_searches(errors):
    curve = statistics.random_search_exact(errors, sizes=[1, 2, 3, 4], level=0.7)
    for row, m in enumerate(curve.sizes):
        minima = np.array(list(product(errors, repeat=int(m)))).min(axis=1)
        assert curve.mean[row] == pytest.approx(minima.mean())
        assert curve.std[row] == pytest.approx(minima.std(), abs=1e-7)
        expected = np.quantile(minima, [0.15, 0.5, 0.85], method="inverted_cdf")
        assert [curve.low[row], curve.median[row], curve.high[row]] == expected.tolist()


@laws
@given(ERRORS)
def test_search_starts_at_the_mean_and_falls_towards_the_minimum(errors):
    curve = statistics.random_search_exact(errors)
    assert curve.sizes[0] == 1 and curve.sizes[-1] <= len(errors) < 2 * curve.sizes[-1]
    assert curve.mean[0] == pytest.approx(np.mean(errors))
    assert curve.std[0] == pytest.approx(np.std(errors), abs=1e-6)
    assert np.all(np.diff(curve.mean) <= 1e-9) and curve.mean[-1] >= min(errors) - 1e-9
    assert np.all((curve.low <= curve.median) & (curve.median <= curve.high))


def test_simulated_search_is_the_procedure_of_nds():
    errors = population(np.random.default_rng(4), 100)
    curve = statistics.random_search(errors, seed=5)
    assert curve.sizes.tolist() == [1, 2, 4, 8, 16, 32, 64]
    assert curve.experiments.tolist() == [100, 50, 25, 12, 6, 3, 1]
    assert curve.std[-1] == 0  # a single experiment
    rng = np.random.default_rng(5)
    minima = [rng.choice(errors, (100 // m, m)).min(axis=1) for m in curve.sizes]
    assert curve.mean == pytest.approx([found.mean() for found in minima])
    assert curve.std == pytest.approx([found.std() for found in minima])


def test_simulated_search_converges_to_the_exact_one():
    errors = population(np.random.default_rng(6), 200).round(1)
    exact = statistics.random_search_exact(errors)
    sampled = statistics.random_search(errors, experiments=20_000)
    assert np.all(np.abs(sampled.mean - exact.mean) <= 5 * exact.std / np.sqrt(20_000))
    assert sampled.std == pytest.approx(exact.std, rel=0.05)
    assert sampled.median == pytest.approx(exact.median, abs=0.2)


# ------------------------------------------------------------------------------------------------
# Intervals
# ------------------------------------------------------------------------------------------------


def test_interval_of_the_mean_is_scipys():
    errors = population(np.random.default_rng(7), 60)
    ours = statistics.bootstrap_interval(errors, resamples=2000, seed=8)
    theirs = stats.bootstrap((errors,), np.mean, n_resamples=2000, rng=8).confidence_interval
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs))
    assert ours.estimate == pytest.approx(errors.mean())


def test_interval_of_the_expected_best_stops_where_it_would_be_too_sure():
    errors = population(np.random.default_rng(9), 64)
    curve = statistics.random_search_exact(errors)
    intervals = [statistics.bootstrap_interval(errors, m, resamples=200) for m in curve.sizes]
    assert [interval.estimate for interval in intervals] == pytest.approx(curve.mean.tolist())
    known = [interval.low < interval.estimate < interval.high for interval in intervals]
    assert known == [m <= 8 for m in curve.sizes]
    assert all(np.isnan(interval.low) for interval in intervals[4:])


@pytest.mark.parametrize("m", [1, 5])
def test_interval_covers_the_expected_best_of_the_design_space(m):
    rng, trials = np.random.default_rng(10), 200
    truth = population(rng, 200_000 * m).reshape(-1, m).min(axis=1).mean()
    intervals = [
        statistics.bootstrap_interval(population(rng, 40), m, resamples=400, seed=seed) for seed in range(trials)
    ]
    covered = np.mean([interval.low <= truth <= interval.high for interval in intervals])
    assert 0.89 <= covered <= 0.985


def test_interval_of_equal_errors_is_a_point():
    interval = statistics.bootstrap_interval([90.0] * 5)
    assert interval.low == interval.high == pytest.approx(90.0)


# ------------------------------------------------------------------------------------------------
# Bad input
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [[], [39.0, np.nan], [np.inf], [[39.0, 40.0]], 39.0])
@pytest.mark.parametrize(
    "function",
    [
        statistics.edf,
        lambda errors: statistics.legend_label(errors, "A"),
        lambda errors: statistics.empirical_bootstrap([1.0], errors),
        lambda errors: statistics.empirical_bootstrap_exact([1.0], errors),
        statistics.random_search,
        statistics.random_search_exact,
        statistics.bootstrap_interval,
    ],
)
def test_bad_errors_are_named(function, bad):
    with pytest.raises(ValueError, match="errors: expected"):
        function(bad)


TWO = {"A": [1.0, 2.0], "B": [3.0, 4.0]}


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: statistics.edf([1.0], level=1.0), "level"),
        (lambda: statistics.empirical_bootstrap([1, 2], [1.0, 2.0], level=95), "level"),
        (lambda: statistics.empirical_bootstrap([1, 2], [1.0]), "x"),
        (lambda: statistics.empirical_bootstrap([np.nan, 2], [1.0, 2.0]), "x"),
        (lambda: statistics.empirical_bootstrap([1, 2], [1.0, 2.0], fraction=25), "fraction"),
        (lambda: statistics.empirical_bootstrap([1, 2], [1.0, 2.0], resamples=0), "resamples"),
        (lambda: statistics.random_search([1.0, 2.0], experiments=0), "experiments"),
        (lambda: statistics.random_search_exact([1.0, 2.0], sizes=[1, 4]), "size"),
        (lambda: statistics.random_search_exact([1.0, 2.0], sizes=[1.5]), "size"),
        (lambda: statistics.bootstrap_interval([1.0]), "errors"),
        (lambda: statistics.bootstrap_interval([1.0, 2.0], m=0), "size"),
        (lambda: statistics.compare({"A": [1.0, 2.0], "B": [3.0]}), r"populations\['B'\]"),
        (lambda: statistics.compare({"A": [1.0, 2.0]}), "pairs"),
        (lambda: statistics.compare(TWO, [("A", "C")]), "pairs"),
        (lambda: statistics.compare(TWO, [("A", "A")]), "pairs"),
        (lambda: statistics.compare(TWO, level=0), "level"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"{name}.*expected"):
        call()
