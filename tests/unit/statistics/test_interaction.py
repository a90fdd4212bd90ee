"""Orders in several settings: known truths are found, intervals cover them, and scales of errors play no part."""

import numpy as np
import pandas as pd
import pytest
from netspaces.statistics.interaction import concord, gaps, interaction
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.resampling import drawn_counts, spearman
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.nonparametric import rank_compare_2indep

ONE = np.ones((1, 40))


def layout(n: int, settings: int, changed: float, noise: float, seed: int, seeds: int = 3) -> tuple:
    """Normal errors (n, settings) and (n, seeds) with a known share of interaction and of seed noise.

    The settings' scales differ: their errors are stretched in a way that keeps their order.
    """
    rng = np.random.default_rng(seed)
    own = np.sqrt(1 - changed - noise) * rng.normal(size=(n, 1))
    of_setting = np.sqrt(changed) * rng.normal(size=(n, settings))
    errors = own + of_setting + np.sqrt(noise) * rng.normal(size=(n, settings))
    repeats = own + of_setting[:, :1] + np.sqrt(noise) * rng.normal(size=(n, seeds - 1))
    repeats = np.column_stack([errors[:, 0], repeats])
    return np.exp(errors * np.arange(1, settings + 1)), np.exp(repeats)


def rank_correlation(r: float) -> float:
    """Spearman's correlation of a binormal distribution with Pearson's correlation r."""
    return 6 / np.pi * np.arcsin(r / 2)


# ---- Network x setting -----------------------------------------------------------------------------------------------


def test_concord_is_the_mean_of_rank_correlations_and_follows_from_kendalls_w():
    errors, _ = layout(40, 4, 0.3, 0.2, 0)
    pairs = [stats.spearmanr(errors[:, i], errors[:, j])[0] for i in range(4) for j in range(i)]
    assert concord(errors, ONE)[0] == pytest.approx(np.mean(pairs))
    w = stats.friedmanchisquare(*errors).statistic / (4 * 39)  # 4 settings rank 40 networks
    assert concord(errors, ONE)[0] == pytest.approx((4 * w - 1) / 3)


def test_the_changed_share_is_that_of_a_two_way_analysis_of_variance():
    errors, _ = layout(40, 3, 0.3, 0.2, 1)
    ranks = pd.DataFrame(stats.rankdata(errors, axis=0)).melt(ignore_index=False, var_name="setting", value_name="rank")
    table = anova_lm(ols("rank ~ C(network) + C(setting)", ranks.reset_index(names="network")).fit())
    mean_squares = table["sum_sq"] / table["df"]
    own = (mean_squares["C(network)"] - mean_squares["Residual"]) / 3
    expected = mean_squares["Residual"] / (own + mean_squares["Residual"])
    assert interaction(errors, resampling=Resampling(resamples=10)).changed.estimate == pytest.approx(expected)


def test_resamples_with_ties_are_ranked_anew():
    errors, counts = np.round(layout(40, 2, 0.3, 0.2, 2)[0], 1), drawn_counts(40, 20, 0)
    for row, found in zip(counts.astype(int), concord(errors, counts), strict=True):
        drawn = errors[np.repeat(np.arange(40), row)]
        assert found == pytest.approx(stats.spearmanr(*drawn.T)[0])
    assert concord(errors, counts) == pytest.approx(spearman(*errors.T, counts))


def test_stretching_a_settings_errors_changes_nothing():
    errors, repeats = layout(30, 2, 0.2, 0.2, 3)
    stretched = np.column_stack([errors[:, 0] ** 3, np.log(errors[:, 1])])
    assert interaction(stretched, repeats, resampling=Resampling(resamples=50)) == interaction(
        errors, np.log(repeats), resampling=Resampling(resamples=50)
    )
    assert gaps(errors[:15], errors[15:], resampling=Resampling(resamples=50)) == gaps(
        stretched[:15], stretched[15:], resampling=Resampling(resamples=50)
    )


@pytest.mark.slow
@pytest.mark.parametrize("changed, noise", [(0.0, 0.3), (0.3, 0.1)])
def test_intervals_cover_the_true_shares(changed, noise):
    """Of 300 populations of 32; percentile intervals of correlations are a little short at that size."""
    truths = {"changed": 1 - rank_correlation(1 - changed - noise), "noise": 1 - rank_correlation(1 - noise)}
    truths["net"] = truths["changed"] - truths["noise"]
    covered = dict.fromkeys(truths, 0)
    for i in range(300):
        found = interaction(*layout(32, 2, changed, noise, i), resampling=Resampling(resamples=300, seed=i))
        for name, truth in truths.items():
            covered[name] += getattr(found, name).low <= truth <= getattr(found, name).high
    for name, count in covered.items():
        assert stats.binom.cdf(count, 300, 0.92) > 0.001, (name, count)
        assert count < 300, name


def test_networks_without_all_runs_are_left_out_and_counted():
    errors, repeats = layout(20, 2, 0.2, 0.2, 4)
    errors[0, 1], repeats[1, 2] = np.nan, np.nan
    found = interaction(errors, repeats, resampling=Resampling(resamples=50))
    assert (found.n, found.n_repeated) == (19, 18)
    assert found.changed.estimate == pytest.approx(1 - stats.spearmanr(*errors[1:].T)[0])
    assert interaction(errors, repeats[:, :1], resampling=Resampling(resamples=50)).noise is None
    with pytest.raises(ValueError, match="4 networks or more"):
        interaction(errors[:4], resampling=Resampling(resamples=50))


# ---- Gaps between design spaces --------------------------------------------------------------------------------------


def test_a_gap_is_the_probability_of_superiority():
    rng = np.random.default_rng(2)
    a, b = rng.normal(0.5, 1, (60, 2)).round(1), rng.normal(0, 1, (50, 2)).round(1)
    first, second = gaps(a, b)
    public = rank_compare_2indep(a[:, 0], b[:, 0])
    assert first.superiority.estimate == pytest.approx(public.prob1)
    assert (first.superiority.low, first.superiority.high) == pytest.approx(public.conf_int(), abs=0.02)
    assert first.change is None
    assert second.change.estimate == pytest.approx(second.superiority.estimate - first.superiority.estimate)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.0, 0.7])
def test_intervals_cover_the_true_gap_and_its_change(shift):
    truth = stats.norm.cdf(np.array([1.0, 1.0 + shift]) / np.sqrt(2))
    covered = np.zeros(2)
    for i in range(300):
        rng = np.random.default_rng(i)
        own = rng.normal(size=(2, 32, 1))
        a, b = np.sqrt(0.7) * own + np.sqrt(0.3) * rng.normal(size=(2, 32, 2))
        found = gaps(a + [1, 1 + shift], b, resampling=Resampling(resamples=300, seed=i))[1]
        for k, (interval, true) in enumerate([(found.superiority, truth[1]), (found.change, truth[1] - truth[0])]):
            covered[k] += interval.low <= true <= interval.high
    assert (stats.binom.cdf(covered, 300, 0.93) > 0.001).all() and (covered < 300).all(), covered


def test_separated_spaces_have_no_sure_gap():
    a, b = np.arange(20.0).reshape(10, 2) + 100, np.arange(20.0).reshape(10, 2)
    for gap, low, high in ((gaps(a, b)[0], 0.69, 1), (gaps(b, a)[0], 0, 0.31)):
        assert (gap.superiority.low, gap.superiority.high) == pytest.approx((low, high), abs=0.01)
