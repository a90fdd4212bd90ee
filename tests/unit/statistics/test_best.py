"""The best value of a parameter: the empirical bootstrap against enumeration, and its limit."""

from itertools import product

import numpy as np
import pytest
from helpers.small_errors import ERRORS, laws, population
from hypothesis import given
from hypothesis import strategies as st
from netspaces.statistics import resampling
from netspaces.statistics.best import empirical_bootstrap, empirical_bootstrap_exact
from netspaces.statistics.intervals import Resampling


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
    best = empirical_bootstrap_exact(x, errors, fraction=draws / 4, level=0.7)
    assert best.effective_winners == pytest.approx(1 / np.sum(share**2))
    cumulative = np.cumsum(share[np.argsort(x)])
    expected = [np.sort(x)[np.searchsorted(cumulative, q - 1e-12)] for q in (0.15, 0.5, 0.85)]
    assert [best.low, best.median, best.high] == expected
    assert (best.n, best.draws, best.resamples) == (4, draws, None)


def test_bootstrap_converges_to_the_exact_one():
    rng = np.random.default_rng(1)
    errors, depth = population(rng, 500).round(1), rng.integers(5, 54, 500)
    exact = empirical_bootstrap_exact(depth, errors)
    sampled = empirical_bootstrap(depth, errors)
    assert (sampled.draws, sampled.resamples, sampled.level) == (125, 10_000, 0.95)
    wider, narrower, middle = (empirical_bootstrap_exact(depth, errors, level=level) for level in (0.96, 0.94, 0.02))
    assert wider.low <= sampled.low <= narrower.low
    assert narrower.high <= sampled.high <= wider.high
    assert middle.low <= sampled.median <= middle.high
    assert sampled.effective_winners == pytest.approx(exact.effective_winners, rel=0.03)


def test_a_quarter_of_500_networks_rests_on_eight():
    best = empirical_bootstrap_exact(np.arange(500), np.arange(500.0))
    assert best.effective_winners == pytest.approx(8.0, abs=0.05)
    share_of_the_best = 1 - (499 / 500) ** 125  # 22 %
    assert best.median == np.ceil(np.log(0.5) / np.log(1 - share_of_the_best)) - 1


@laws
@given(ERRORS, st.randoms(use_true_random=False), st.floats(0.05, 1.0))
def test_exact_bootstrap_ignores_the_order_of_rows_and_the_scale_of_errors(errors, random, fraction):
    x = np.arange(len(errors), dtype=float)
    order = random.sample(range(len(errors)), len(errors))
    one = empirical_bootstrap_exact(x, errors, fraction)
    other = empirical_bootstrap_exact(x[order], np.sqrt(errors)[order] + 7, fraction)
    assert (one.low, one.median, one.high) == (other.low, other.median, other.high)
    assert one.effective_winners == pytest.approx(other.effective_winners)
    assert one.draws == max(1, int(fraction * len(errors)))


def test_bootstrap_depends_on_the_seed_and_not_on_the_chunks(monkeypatch):
    rng = np.random.default_rng(2)
    x, errors = rng.random(101), population(rng, 101)
    once = empirical_bootstrap(x, errors, Resampling(resamples=999, seed=3))
    monkeypatch.setattr(resampling, "NUMBERS_AT_ONCE", 2800)
    assert empirical_bootstrap(x, errors, Resampling(resamples=999, seed=3)) == once
    assert empirical_bootstrap(x, errors, Resampling(resamples=999, seed=4)) != once


def test_bootstrap_of_one_network():
    for best in (
        empirical_bootstrap([20], [39.0], resampling=Resampling(resamples=5)),
        empirical_bootstrap_exact([20], [39.0]),
    ):
        assert (best.low, best.median, best.high, best.effective_winners) == (20, 20, 20, 1)
