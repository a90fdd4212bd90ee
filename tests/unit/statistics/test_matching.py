"""Comparisons at equal complexity: weights, what they balance, intervals that cover, and conclusions by rule."""

import numpy as np
import pytest
from netspaces.statistics.edf import edf
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.statistics.matching import (
    conclusion,
    match,
    unmatched,
    weighted_best,
    weighted_difference,
    weighted_mean,
    weighted_steps,
)
from netspaces.statistics.search import random_search_exact
from scipy import stats


def population(rng: np.random.Generator, n: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Complexities, and errors that fall with them, the same in all spaces, with skewed noise."""
    log = rng.normal(shift, 0.5, n)
    return np.exp(log), 10 - 2 * log + (1 + 0.3 * np.tanh(log)) * (rng.gamma(1.5, 0.8, n) - 1.2)


def two(seed: int = 0, n: int = 40, shift: float = 0.5) -> tuple[dict, dict]:
    rng = np.random.default_rng(seed)
    found = {name: population(rng, n, by) for name, by in (("a", 0.0), ("b", shift))}
    return {name: one[0] for name, one in found.items()}, {name: one[1] for name, one in found.items()}


# ---- Weights ---------------------------------------------------------------------------------------------------------


def test_each_bin_has_the_same_weight_in_every_space():
    cost, _ = two()
    found = match(cost)
    assert 2 <= found.k <= 5 and found.edges.size == found.k + 1
    for space in cost:
        weights, bins = found.weights[space], found.bins[space]
        assert weights.sum() == pytest.approx(1) and (weights[bins < 0] == 0).all()
        for i in range(found.k):
            members = weights[bins == i]
            assert members.size >= 2 and members == pytest.approx(1 / (found.k * members.size))  # NDS: 1 / (k m)
            assert ((cost[space][bins == i] <= found.edges[i + 1]) & (cost[space][bins == i] >= found.edges[i])).all()


def test_the_shared_range_is_what_all_spaces_have():
    found = match({"a": [1, 2, 3, 4, 5, 6], "b": [3, 4, 5, 6, 7, 8]}, most_bins=1)
    assert found.edges == pytest.approx([3, 6])
    assert found.bins["a"].tolist() == [-1, -1, 0, 0, 0, 0] and found.outside("a") == pytest.approx(1 / 3)
    assert found.effective("b") == pytest.approx(4)


def test_weights_balance_complexity():
    cost, _ = two(1, 200)
    found = match(cost)
    assert found.before > 0.8 and found.imbalance < 0.1 and found.balanced
    crude = match(cost, most_bins=1)
    assert crude.imbalance > found.imbalance


def test_spaces_that_share_nothing_are_not_compared():
    assert match({"a": [1, 2, 3], "b": [4, 5, 6]}) is None
    assert match({"a": [1, 2, 3], "b": [3, 5, 6]}) is None  # one network each
    assert match({"a": [1.0], "b": [1.0, 2.0]}) is None


def test_equal_complexities_weigh_equally():
    found = match({"a": [5, 5, 5], "b": [5, 5]})
    assert found.imbalance == 0 and found.weights["a"] == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="a: expected complexities above 0"):
        match({"a": [0.0, 1.0], "b": [1.0, 2.0]})
    with pytest.raises(ValueError, match="two or more spaces"):
        match({"a": [1.0, 2.0]})


# ---- Weighted errors -------------------------------------------------------------------------------------------------


def test_with_equal_weights_all_is_as_without():
    errors = np.random.default_rng(2).gamma(2, 3, 30).round(1)
    even = np.full(30, 1 / 30)
    assert weighted_mean(errors, even) == pytest.approx(errors.mean())
    for m in (1, 2, 5):
        assert weighted_best(errors, even, m) == pytest.approx(random_search_exact(errors, [m]).mean[0])
    for ours, theirs in zip(weighted_steps(errors, even), edf(errors).steps(), strict=True):
        assert ours == pytest.approx(theirs)


def test_weights_count_like_copies():
    errors, copies = np.array([4.0, 1.0, 3.0]), np.array([1, 2, 3])
    weights = copies / copies.sum()
    assert weighted_mean(errors, weights) == pytest.approx(errors.repeat(copies).mean())
    assert weighted_best(errors, weights, 2) == pytest.approx(random_search_exact(errors.repeat(copies), [2]).mean[0])
    x, y, *_ = weighted_steps(errors, weights)
    assert y == pytest.approx(edf(errors.repeat(copies)).steps()[1]) and x.tolist() == [1, 1, 3, 3, 4, 4]


def test_band_with_effective_sizes_holds_the_whole_distribution():
    rng, held, trials = np.random.default_rng(3), 0, 400
    weights = np.repeat([1 / 10, 1 / 40, 1 / 20], [4, 16, 10])
    weights /= weights.sum()
    for _ in range(trials):
        x, y, lower, upper = weighted_steps(rng.random(30), weights)
        held += np.all((lower <= x + 1e-9) & (x <= upper + 1e-9))  # F(x) = x
    assert held >= stats.binom.ppf(0.001, trials, 0.95)


# ---- Differences -----------------------------------------------------------------------------------------------------


def test_differences_are_those_of_the_weighted_errors():
    cost, errors = two(4)
    found = match(cost)
    mean = weighted_difference(errors, found, ("a", "b"), resampling=Resampling(resamples=50))
    assert mean.estimate == pytest.approx(errors["a"] @ found.weights["a"] - errors["b"] @ found.weights["b"])
    best = weighted_difference(errors, found, ("a", "b"), 3, resampling=Resampling(resamples=50))
    assert best.estimate == pytest.approx(
        weighted_best(errors["a"], found.weights["a"], 3) - weighted_best(errors["b"], found.weights["b"], 3)
    )
    other = weighted_difference(errors, found, ("b", "a"), resampling=Resampling(resamples=50))
    assert other.estimate == pytest.approx(-mean.estimate)


@pytest.mark.slow
def test_what_complexity_explains_is_gone_and_intervals_cover():
    repetitions, covered, naive, found = 300, 0, 0, []
    for seed in range(repetitions):
        cost, errors = two(seed, 32)
        matched = match(cost)
        truth = sum(sign * matched.weights[s] @ (10 - 2 * np.log(cost[s])) for s, sign in (("a", 1), ("b", -1)))
        interval = weighted_difference(errors, matched, ("a", "b"), resampling=Resampling(resamples=200, seed=seed))
        covered += interval.low <= truth <= interval.high
        found.append(interval.estimate)
        crude = weighted_difference(
            errors, unmatched(errors), ("a", "b"), resampling=Resampling(resamples=200, seed=seed)
        )
        naive += crude.low <= 0 <= crude.high
    assert abs(np.mean(found)) < 0.15 and naive < 0.5 * repetitions  # 1.0 apart without weights
    assert covered >= stats.binom.ppf(0.001, repetitions, 0.95)
    assert covered < repetitions  # as wide as they must be, no more


@pytest.mark.slow
def test_intervals_of_the_best_cover():
    rng, repetitions, covered = np.random.default_rng(5), 300, 0
    bins = np.repeat([0, 1, 2, 3], 10)

    def draw(scale, n):
        return rng.gamma(1.5, scale, n) + rng.integers(4, size=n)

    truth = np.subtract(*(draw(scale, (200_000, 5)).min(1).mean() for scale in (0.8, 1.6)))
    matched = match({name: bins + 1.0 for name in "ab"}, most_bins=4)
    for seed in range(repetitions):
        errors = {name: rng.gamma(1.5, scale, 40) + bins for name, scale in (("a", 0.8), ("b", 1.6))}
        interval = weighted_difference(errors, matched, ("a", "b"), 5, resampling=Resampling(resamples=200, seed=seed))
        covered += interval.low <= truth <= interval.high
    assert covered >= stats.binom.ppf(0.001, repetitions, 0.95) - 0.03 * repetitions


# ---- Conclusions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ((1, 3), (0.5, 2), "kept"),
        ((-3, -1), (-2, -0.5), "kept"),
        ((1, 3), (-1, 2), "lost"),
        ((1, 3), (-2, -1), "reversed"),
        ((-3, -1), (1, 2), "reversed"),
        ((-1, 1), (1, 2), "new"),
        ((-1, 1), (-1, 2), "undecided"),
        ((1, 3), None, "not comparable"),
    ],
)
def test_conclusions(before, after, expected):
    def interval(ends):
        return ends and Interval(sum(ends) / 2, *ends, 0.95)

    assert conclusion(interval(before), interval(after)) == expected
    assert conclusion(interval(before), interval(after), balanced=False) == "not comparable"
