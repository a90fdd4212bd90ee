"""Comparisons of populations: known values, and tests and intervals that keep their levels."""

import numpy as np
import pytest
from helpers.small_errors import population
from netspaces.statistics import comparisons as statistics
from netspaces.statistics.intervals import Resampling
from scipy import stats
from statsmodels.stats.multitest import multipletests


def compare_two(a, b, **options):
    """The one row of a comparison of two populations."""
    return statistics.compare({"a": a, "b": b}, **options).iloc[0]


def test_comparison_agrees_with_scipy_where_errors_are_not_tied():
    rng = np.random.default_rng(11)
    a, b = population(rng, 60), population(rng, 45, low=40.0)
    row = compare_two(a, b)
    assert row.difference == pytest.approx(a.mean() - b.mean())
    assert row.p_mean == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue, abs=0.01)
    assert row.ks == pytest.approx(stats.ks_2samp(a, b).statistic)
    assert row.p_ks == pytest.approx(stats.ks_2samp(a, b, method="exact").pvalue, abs=0.01)
    u = stats.mannwhitneyu(b, a).statistic
    assert row.superiority == pytest.approx(u / (60 * 45))
    assert row.superiority_low < row.superiority < row.superiority_high
    interval = stats.bootstrap(
        (a, b), lambda a, b, axis: a.mean(axis) - b.mean(axis), n_resamples=10_000, rng=0
    ).confidence_interval
    assert (row.low, row.high) == pytest.approx(tuple(interval), abs=0.1)


def test_small_permutation_tests_are_exact():
    row = compare_two([1.0, 2.0], [5.0, 6.0, 7.0])
    assert (row.p_mean, row.p_ks, row.ks) == pytest.approx((0.2, 0.2, 1.0))  # 2 of 10 splits


def test_ks_of_tied_errors():
    a, b = np.repeat([50.0, 52.0], [6, 4]), np.repeat([50.0, 52.0], [3, 7])
    row = compare_two(a, b)
    assert row.ks == pytest.approx(stats.ks_2samp(a, b).statistic)
    # with two values it tests a 2 x 2 table
    assert row.p_ks == pytest.approx(stats.fisher_exact([[6, 4], [3, 7]]).pvalue, abs=0.015)


def test_swapped_populations_mirror_the_comparison():
    rng = np.random.default_rng(12)
    one, two = population(rng, 30).round(), population(rng, 40).round()
    ab, ba = compare_two(one, two), compare_two(two, one)
    assert ab.difference == -ba.difference and ab.ks == ba.ks
    assert ab.superiority == pytest.approx(1 - ba.superiority)
    assert ab.superiority_low == pytest.approx(1 - ba.superiority_high)
    assert [ab.low, ab.high] == pytest.approx([-ba.high, -ba.low], abs=0.15)


def test_family_corrects_p_values_and_widens_intervals_but_changes_nothing_else():
    rng = np.random.default_rng(13)
    spaces = {name: population(rng, 30, low) for name, low in [("A", 40), ("B", 39), ("C", 36)]}
    family = statistics.compare(spaces, resampling=Resampling(resamples=1000))
    assert list(zip(family.a, family.b, strict=True)) == [("A", "B"), ("A", "C"), ("B", "C")]
    for p in ("p_mean", "p_ks"):
        expected = multipletests(family[p], method="holm")[1]
        assert family[f"{p}_corrected"].tolist() == pytest.approx(expected)
    assert np.all(family.simultaneous_low < family.low)
    assert np.all(family.simultaneous_high > family.high)

    alone = statistics.compare(spaces, [("B", "C")], resampling=Resampling(resamples=1000), correction="fdr_bh").iloc[0]
    own = ["difference", "low", "high", "p_mean", "ks", "p_ks", "superiority_low"]
    assert alone[own].tolist() == family.loc[2, own].tolist()
    assert (alone.simultaneous_low, alone.p_ks_corrected) == (alone.low, alone.p_ks)


def test_equal_populations_of_equal_errors_do_not_differ():
    row = compare_two([90.0] * 8, [90.0] * 6)
    assert (row.difference, row.low, row.high, row.ks) == (0, 0, 0, 0)
    assert (row.p_mean, row.p_ks, row.superiority) == (1, 1, 0.5)
    assert row.superiority_low < 0.5 < row.superiority_high


def test_separated_populations_keep_an_honest_interval_of_superiority():
    row = compare_two(np.arange(20.0), np.arange(50.0, 80.0))
    assert (row.superiority, row.superiority_high) == (1, 1)
    binomial = stats.binomtest(20, 20).proportion_ci(0.95, method="exact")
    assert row.superiority_low == pytest.approx(binomial.low)
    assert row.p_mean == pytest.approx(2 / 10_001)


def compare_simulated(draw_a, draw_b, trials=250):
    """Comparisons of `trials` independent pairs of populations, all in one table."""
    pairs = [(f"a{i}", f"b{i}") for i in range(trials)]
    spaces = {name: draw() for a, b in pairs for name, draw in ((a, draw_a), (b, draw_b))}
    return spaces, statistics.compare(spaces, pairs, resampling=Resampling(resamples=400))


def test_interval_and_tests_keep_their_levels_on_tied_errors():
    rng = np.random.default_rng(14)
    # the errors of a test set of 100 images are whole percents
    _, table = compare_simulated(lambda: population(rng, 25).round(), lambda: population(rng, 35).round())
    for name, truth in (("", 0), ("simultaneous_", 0), ("superiority_", 0.5)):
        covered = ((table[f"{name}low"] <= truth) & (truth <= table[f"{name}high"])).mean()
        assert covered <= 0.985 if name != "simultaneous_" else covered >= 0.99
        assert covered >= 0.9
    for p in ("p_mean", "p_ks"):
        assert 0.015 <= (table[p] <= 0.05).mean() <= 0.085
        assert (table[f"{p}_corrected"] > 0.05).all()


@pytest.mark.slow
def test_interval_covers_a_true_difference():
    rng = np.random.default_rng(16)
    _, table = compare_simulated(lambda: population(rng, 32, 43, 6), lambda: population(rng, 40))
    truth = (43 + 12) - (38 + 8)
    assert 0.9 <= ((table.low <= truth) & (truth <= table.high)).mean() <= 0.985
    assert (table.p_mean <= 0.05).mean() > 0.9


@pytest.mark.slow
def test_test_of_means_keeps_its_level_for_unequal_spreads():
    rng = np.random.default_rng(15)
    spaces, table = compare_simulated(lambda: rng.normal(50, 10, 30), lambda: rng.normal(50, 2, 90))
    student = [stats.ttest_ind(spaces[a], spaces[b]).pvalue for a, b in zip(table.a, table.b, strict=True)]
    assert (table.p_mean <= 0.05).mean() <= 0.1 < 0.2 < np.mean(np.array(student) <= 0.05)


@pytest.mark.parametrize("digits, ties", [(9, 0.0), (1, 0.08)])
def test_large_populations_have_the_p_values_that_permutations_would_give(monkeypatch, digits, ties):
    """By the limit laws; Kolmogorov's is too large where errors are tied, never too small."""
    rng, resampling = np.random.default_rng(1), Resampling(resamples=4000)
    errors = {name: rng.gamma(2, 3, n).round(digits) for name, n in (("a", 300), ("b", 400))}
    permuted = statistics.compare(errors, resampling=resampling).iloc[0]
    monkeypatch.setattr(statistics, "LARGE", 300)
    limit = statistics.compare(errors, resampling=resampling).iloc[0]
    assert limit["p_mean"] == pytest.approx(permuted["p_mean"], abs=0.03)
    assert -0.02 < limit["p_ks"] - permuted["p_ks"] < 0.04 + ties and permuted["p_ks"] < 0.35
    others = [name for name in permuted.index if not name.startswith("p_")]
    assert limit[others].equals(permuted[others])
