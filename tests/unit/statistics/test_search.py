"""Random search: exact and simulated, and intervals of the expected best error."""

from itertools import product

import numpy as np
import pytest
from helpers.small_errors import ERRORS, laws, population
from hypothesis import given
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.search import bootstrap_interval, random_search, random_search_exact
from scipy import stats


@pytest.mark.parametrize("errors", [[4.0, 1.0, 3.0, 2.5], [7.0, 7.0, 1.0, 2.0], [5.0] * 4])
def test_exact_search_equals_enumeration_of_all_searches(errors):
    curve = random_search_exact(errors, sizes=[1, 2, 3, 4], level=0.7)
    for row, m in enumerate(curve.sizes):
        minima = np.array(list(product(errors, repeat=int(m)))).min(axis=1)
        assert curve.mean[row] == pytest.approx(minima.mean())
        assert curve.std[row] == pytest.approx(minima.std(), abs=1e-7)
        expected = np.quantile(minima, [0.15, 0.5, 0.85], method="inverted_cdf")
        assert [curve.low[row], curve.median[row], curve.high[row]] == expected.tolist()


@laws
@given(ERRORS)
def test_search_starts_at_the_mean_and_falls_towards_the_minimum(errors):
    curve = random_search_exact(errors)
    assert curve.sizes[0] == 1 and curve.sizes[-1] <= len(errors) < 2 * curve.sizes[-1]
    assert curve.mean[0] == pytest.approx(np.mean(errors))
    assert curve.std[0] == pytest.approx(np.std(errors), abs=1e-6)
    assert np.all(np.diff(curve.mean) <= 1e-9) and curve.mean[-1] >= min(errors) - 1e-9
    assert np.all((curve.low <= curve.median) & (curve.median <= curve.high))


def test_simulated_search_is_the_procedure_of_nds():
    errors = population(np.random.default_rng(4), 100)
    curve = random_search(errors, seed=5)
    assert curve.sizes.tolist() == [1, 2, 4, 8, 16, 32, 64]
    assert curve.experiments.tolist() == [100, 50, 25, 12, 6, 3, 1]
    assert curve.std[-1] == 0  # a single experiment
    rng = np.random.default_rng(5)
    minima = [rng.choice(errors, (100 // m, m)).min(axis=1) for m in curve.sizes]
    assert curve.mean == pytest.approx([found.mean() for found in minima])
    assert curve.std == pytest.approx([found.std() for found in minima])


def test_simulated_search_converges_to_the_exact_one():
    errors = population(np.random.default_rng(6), 200).round(1)
    exact = random_search_exact(errors)
    sampled = random_search(errors, experiments=20_000)
    assert np.all(np.abs(sampled.mean - exact.mean) <= 5 * exact.std / np.sqrt(20_000))
    assert sampled.std == pytest.approx(exact.std, rel=0.05)
    assert sampled.median == pytest.approx(exact.median, abs=0.2)


def test_interval_of_the_mean_is_the_wider_of_scipys():
    errors = population(np.random.default_rng(7), 60)
    ours = bootstrap_interval(errors)
    theirs = stats.bootstrap((errors,), np.mean, n_resamples=20_000, batch=2000, rng=8).confidence_interval
    student = stats.ttest_1samp(errors, 0).confidence_interval()
    expected = min(theirs.low, student.low), max(theirs.high, student.high)
    assert (ours.low, ours.high) == pytest.approx(expected, abs=0.05 * stats.sem(errors))
    assert ours.estimate == pytest.approx(errors.mean())


def test_interval_of_the_expected_best_stops_where_it_would_be_too_sure():
    errors = population(np.random.default_rng(9), 64)
    curve = random_search_exact(errors)
    intervals = [bootstrap_interval(errors, m, resampling=Resampling(resamples=200)) for m in curve.sizes]
    assert [interval.estimate for interval in intervals] == pytest.approx(curve.mean.tolist())
    known = [interval.low < interval.estimate < interval.high for interval in intervals]
    assert known == [m <= 8 for m in curve.sizes]
    assert all(np.isnan(interval.low) for interval in intervals[4:])


@pytest.mark.slow
@pytest.mark.parametrize("m", [1, 5])
def test_interval_covers_the_expected_best_of_the_design_space(m):
    rng, trials = np.random.default_rng(10), 200
    truth = population(rng, 200_000 * m).reshape(-1, m).min(axis=1).mean()
    intervals = [
        bootstrap_interval(population(rng, 40), m, resampling=Resampling(resamples=400, seed=seed))
        for seed in range(trials)
    ]
    covered = np.mean([interval.low <= truth <= interval.high for interval in intervals])
    assert 0.89 <= covered <= 0.985


def test_interval_of_equal_errors_is_a_point():
    interval = bootstrap_interval([90.0] * 5)
    assert interval.low == interval.high == pytest.approx(90.0)
