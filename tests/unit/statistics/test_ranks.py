"""Rank agreement: equal to scipy, intervals that cover the truth, and a correction that undoes the noise of seeds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.intervals import Resampling, percentile_interval
from netspaces.statistics.ranks import agreement, disattenuated, kendall, top_overlap
from scipy import stats

RESAMPLES = 300


def pairs(rng: np.random.Generator, n: int, rho: float) -> tuple[np.ndarray, np.ndarray]:
    """Two normal measurements of n networks with correlation rho, coarse enough to tie."""
    x, y = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n).T
    return x.round(1), y


def repeats(rng: np.random.Generator, n: int, rho: float, reliability: float, seeds: int = 2, shared: float = 0.0):
    """Two measurements (n, seeds) of networks whose true values correlate by rho; `shared` noise has the same seed."""
    true = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n).T
    noise = np.sqrt(1 / reliability - 1)
    common = rng.normal(size=(n, seeds))

    def own():
        return noise * (np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.normal(size=(n, seeds)))

    return tuple(values[:, None] + own() for values in true)


VALUES = st.lists(st.integers(0, 6), min_size=4, max_size=25)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(VALUES, st.integers(0, 99))
def test_point_values_and_resamples_are_scipys(values, seed):
    rng = np.random.default_rng(seed)
    x, y = np.array(values, float), rng.integers(0, 6, len(values)).astype(float)
    found = agreement(x, y, resampling=Resampling(resamples=5))
    if np.ptp(x) and np.ptp(y):
        assert found.spearman.estimate == pytest.approx(stats.spearmanr(x, y).statistic)
        assert found.kendall.estimate == pytest.approx(stats.kendalltau(x, y).statistic)
    else:
        assert np.isnan([found.spearman.estimate, found.kendall.estimate]).all()
    counts = rng.multinomial(len(x), np.full(len(x), 1 / len(x)), 3)
    for row, resampled in zip(counts, kendall(x, y, counts.astype(float)), strict=True):
        expected = stats.kendalltau(np.repeat(x, row), np.repeat(y, row)).statistic
        np.testing.assert_allclose(resampled, expected, atol=1e-12)


def test_overlap_counts_the_networks_that_both_hold_to_be_best():
    x = np.arange(8.0)
    assert agreement(x, x, resampling=Resampling(resamples=9)).overlap.estimate == 1
    assert agreement(x, -x, resampling=Resampling(resamples=9)).overlap.estimate == 0
    assert agreement(x, [1.0, 5, 0, 2, 3, 4, 6, 7], resampling=Resampling(resamples=9)).overlap.estimate == 0.5
    tied = np.array([0.0, 1, 1, 3, 4, 5, 6, 7])  # the second place is shared by two
    assert top_overlap(x, tied, np.ones((1, 8))).item() == pytest.approx(0.75)
    twice = np.array([[2.0, 0, 1, 1, 1, 1, 1, 1]])  # both places are copies of one network
    assert top_overlap(x, x[::-1].copy(), twice).item() == 0 and top_overlap(x, tied, twice).item() == 1


@pytest.mark.slow
@pytest.mark.parametrize("n, rho", [(16, 0.5), (32, 0.9), (100, 0.0)])
def test_intervals_cover_the_truth(n, rho):
    rng, trials, level = np.random.default_rng(n), 200, 0.9
    many = pairs(rng, 200_000, rho)
    both_best = np.mean(np.all([v <= np.quantile(v, 0.25) for v in many], axis=0)) / 0.25
    truth = {"spearman": 6 / np.pi * np.arcsin(rho / 2), "kendall": 2 / np.pi * np.arcsin(rho), "overlap": both_best}
    held = dict.fromkeys(truth, 0)
    for _ in range(trials):
        found = agreement(*pairs(rng, n, rho), resampling=Resampling(level=level, resamples=RESAMPLES))
        for name, value in truth.items():
            interval = getattr(found, name)
            held[name] += interval.low <= value <= interval.high
    slack = 3 * np.sqrt(level * (1 - level) / trials)
    for name, times in held.items():
        assert level - slack <= times / trials, name
        assert name == "overlap" or times / trials <= level + slack + 0.02, name  # sets of few networks take few values


@pytest.mark.parametrize("shared", [0.0, 0.8])
def test_correction_undoes_the_noise_of_seeds(shared):
    rng = np.random.default_rng(3)
    x, y = repeats(rng, 1500, 0.8, reliability=0.6, shared=shared)
    truth = 6 / np.pi * np.arcsin(0.8 / 2)
    found = agreement(x, y, resampling=Resampling(resamples=9))
    assert found.corrected.estimate == pytest.approx(truth, abs=0.06)
    assert found.between.estimate < truth - 0.2
    assert found.reliability_x.estimate == pytest.approx(6 / np.pi * np.arcsin(0.6 / 2), abs=0.06)
    if shared:  # seeds in common make the measurements agree more than the networks do
        assert found.spearman.estimate > found.between.estimate + 0.1


@pytest.mark.slow
def test_intervals_of_the_corrected_correlation_cover_the_truth():
    rng, trials, level, held = np.random.default_rng(5), 150, 0.9, 0
    truth = disattenuated(*repeats(rng, 1500, 0.7, 0.8, seeds=6), np.ones((1, 1500)))[-1].item()
    for _ in range(trials):
        found = agreement(
            *repeats(rng, 24, 0.7, 0.8), resampling=Resampling(level=level, resamples=RESAMPLES)
        ).corrected
        held += found.low <= truth <= found.high
    assert abs(held / trials - level) <= 3 * np.sqrt(level * (1 - level) / trials) + 0.02


def test_networks_without_a_repeat_count_in_the_plain_correlation_only():
    rng = np.random.default_rng(7)
    x, y = repeats(rng, 30, 0.9, 0.9)
    x[20:, 1] = y[25:, 0] = np.nan
    found = agreement(x, y, resampling=Resampling(resamples=50))
    assert (found.n, found.n_repeated) == (25, 20)
    assert found.spearman.estimate == pytest.approx(stats.spearmanr(x[:25, 0], y[:25, 0]).statistic)
    alone = agreement(x[:, :1], y, resampling=Resampling(resamples=50))
    assert alone.corrected is None and alone.reliability_y is None and alone.spearman == found.spearman


def test_unreliable_repeats_have_no_limits():
    rng = np.random.default_rng(11)
    found = agreement(rng.normal(size=(12, 2)), rng.normal(size=(12, 2)), resampling=Resampling(resamples=200))
    assert np.isnan(found.corrected.low) and np.isnan(found.corrected.high)
    assert not np.isnan(found.between.low)
    assert percentile_interval(0.5, np.r_[np.nan, np.linspace(0, 1, 99)], 0.9).high < 1


def test_same_seed_same_numbers_and_order_plays_no_part_in_the_estimate():
    x, y = pairs(np.random.default_rng(13), 20, 0.6)
    assert agreement(x, y, resampling=Resampling(resamples=50, seed=4)) == agreement(
        x, y, resampling=Resampling(resamples=50, seed=4)
    )
    order = np.random.default_rng(0).permutation(20)
    turned = agreement(x[order], y[order], resampling=Resampling(resamples=50))
    assert turned.spearman.estimate == pytest.approx(
        agreement(x, y, resampling=Resampling(resamples=50)).spearman.estimate
    )


@pytest.mark.parametrize(
    "arguments, words",
    [
        (([1.0, 2], [1.0]), "as many y as x"),
        (([1.0, 2, 3, np.nan], [1.0, 2, 3, 4]), "4 or more networks with both"),
        (([1.0, 2, 3, 4], [1.0, 2, 3, 4], 0.0), "top"),
    ],
)
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        agreement(*arguments)
