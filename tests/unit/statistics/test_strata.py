"""Strata by predicted error: where they are cut, how many networks each gets, and which."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.strata import GUARD, LEAST, allocate, best_edges, design, expected_error, nearby_variance


def tailed(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true errors of networks, of which a twentieth fails."""
    bad = rng.random(n) < 0.05
    predicted = np.where(bad, rng.normal(25, 4, n), rng.normal(8, 0.5, n))
    return predicted, np.where(bad, rng.normal(36, 11, n), predicted + rng.normal(0, 1.5, n))


def test_a_tail_that_is_predicted_becomes_a_stratum_of_which_far_more_is_trained():
    rng = np.random.default_rng(0)
    fitted, errors = tailed(rng, 300)
    predicted, _ = tailed(rng, 4000)
    few, tail = design(predicted, fitted, errors - fitted, networks=72)
    assert few.members.size + tail.members.size == 4000 and few.networks + tail.networks == 72
    assert predicted[few.members].max() < tail.lowest <= predicted[tail.members].min() and 10 < tail.lowest < 20
    assert tail.probability > 4 * few.probability and tail.spread > 3 * few.spread
    (simple,) = design(predicted, fitted, errors - fitted, networks=72, strata=1)
    assert expected_error([few, tail]) < expected_error([simple]) / 2


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(12, 60), st.integers(1, 4))
def test_strata_hold_every_draw_once_and_more_networks_are_further_ones(seed, networks, strata):
    rng = np.random.default_rng(seed)
    fitted, errors = tailed(rng, 64)
    predicted = tailed(rng, 400)[0].round(1)  # many are equal
    found = design(predicted, fitted, errors - fitted, networks, strata)
    members = np.concatenate([stratum.members for stratum in found])
    assert len(found) <= strata and np.array_equal(np.sort(members), np.arange(400))
    assert sum(stratum.networks for stratum in found) == networks
    lows = [stratum.lowest for stratum in found]
    assert lows == sorted(set(lows))
    for stratum in found:
        assert LEAST <= stratum.chosen.size == stratum.networks and stratum.lowest == predicted[stratum.members].min()
    for stratum, more in zip(found, design(predicted, fitted, errors - fitted, networks + 20, strata), strict=True):
        assert np.array_equal(more.members, stratum.members)
        assert np.array_equal(more.chosen[: stratum.networks], stratum.chosen) or more.networks < stratum.networks


def test_limits_are_the_best_of_all():
    rng = np.random.default_rng(1)
    predicted, variances = np.sort(rng.gamma(2, 3, 24)), rng.gamma(2, 1, 24)

    def cost(edges) -> float:
        parts = list(zip(edges, edges[1:], strict=False))
        return sum((b - a) * np.sqrt(predicted[a:b].var() + variances[a:b].mean()) for a, b in parts)

    best = min(([0, *inner, 24] for inner in combinations(range(2, 23), 2) if inner[1] - inner[0] >= LEAST), key=cost)
    assert best_edges(predicted, variances, 3) == best


@pytest.mark.parametrize("n", [8, 9, 13])
def test_allocation_is_the_best_in_whole_numbers_within_its_bounds(n):
    sizes, spreads = [60, 30, 10], [1.0, 2.0, 12.0]

    def variance(counts) -> float:
        return sum((size * spread) ** 2 / count for size, spread, count in zip(sizes, spreads, counts, strict=True))

    least = [max(LEAST, int(GUARD * n * size / 100)) for size in sizes]
    allowed = [
        counts
        for counts in product(range(2, n), repeat=3)
        if sum(counts) == n and all(c >= low for c, low in zip(counts, least, strict=True))
    ]
    assert variance(allocate(sizes, spreads, n)) == min(map(variance, allowed))


def test_allocation_takes_no_more_than_there_are_and_divides_strata_without_spread_by_size():
    assert allocate([90, 4, 6], [1.0, 100.0, 0.0], 20)[1] == 4
    assert allocate([60, 40], [0.0, 0.0], 10) == [6, 4]


def test_spread_of_a_prediction_is_that_of_the_residuals_at_similar_ones():
    fitted = np.arange(200.0)
    residuals = np.where(fitted < 100, 1.0, 3.0) * np.where(fitted % 2, 1, -1)
    assert nearby_variance(np.array([-5.0, 40.0, 180.0, 900.0]), fitted, residuals) == pytest.approx([1, 1, 9, 9])
    assert nearby_variance(np.array([5.0]), [4.0], [2.0]) == pytest.approx([4])


@pytest.mark.parametrize("networks, strata", [(3, 2), (11, 2), (5, 0)])
def test_too_few_or_too_many_networks_are_refused(networks, strata):
    with pytest.raises(ValueError, match=r"^networks: got \d+ for \d strata, expected 2 per stratum to 10"):
        design(np.arange(10.0), [1.0], [0.0], networks, strata)
