"""Equivalence: verdicts by rule, sizes of tests, power and coverage where the truth is known."""

import math

import numpy as np
import pytest
from helpers.invented import FIGURES, curve, study
from netspaces.figures.critics import sharing_equivalence
from netspaces.statistics import resampling
from netspaces.statistics.comparisons import compare
from netspaces.statistics.equivalence import (
    BEST,
    BOTH,
    DIFFERENT,
    EQUIVALENT,
    SHARES,
    UNDECIDED,
    compare_means,
    detectable,
    detectable_difference,
    provable_margin,
    quantile_differences,
    smallest_margin,
    verdict,
)
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.tables.critics import sharing_tests
from netspaces.tables.style import markdown
from scipy import stats
from statsmodels.stats.power import TTestIndPower

IMAGE = 100 / 899  # percent: errors on a small test set are whole numbers of images


def skewed(rng: np.random.Generator, n: int, scale: float = 4.0) -> np.ndarray:
    """Errors with a long right tail, mean 5 + 1.5 scale, tied as those of a small test set are."""
    return np.round((5 + rng.gamma(1.5, scale, n)) / IMAGE) * IMAGE


def some_diverge(rng: np.random.Generator, n: int) -> np.ndarray:
    """The same with a tenth of the networks at chance error."""
    return np.where(rng.random(n) < 0.1, 90.0, skewed(rng, n))


# ---- Verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "low, high, expected",
    [(-0.5, 0.6, EQUIVALENT), (0.1, 0.9, BOTH), (-0.9, -0.1, BOTH), (0.1, 1.2, DIFFERENT), (-3, -2, DIFFERENT)]
    + [(-0.5, 1.0, UNDECIDED), (-2, 0.5, UNDECIDED), (math.nan, math.nan, UNDECIDED)],
)
def test_verdict_follows_from_the_interval(low, high, expected):
    interval = Interval(0.0, low, high, 0.95)
    assert verdict(1.0, interval, interval) == expected


def test_the_two_tests_have_intervals_of_their_own():
    wide, narrow = Interval(0.5, -0.1, 1.1, 0.95), Interval(0.5, 0.0, 0.99, 0.9)
    assert verdict(1.0, wide, narrow) == EQUIVALENT
    assert verdict(1.0, wide, wide) == UNDECIDED
    assert smallest_margin(narrow) == 0.99 and smallest_margin(Interval(0, -3, 2, 0.9)) == 3


def test_margins_above_the_smallest_show_equivalence_and_no_others():
    rng = np.random.default_rng(1)
    a, b = skewed(rng, 40), skewed(rng, 40)
    smallest = smallest_margin(compare_means(a, b).equivalence)
    assert compare_means(a, b, 1.001 * smallest).verdict == EQUIVALENT
    assert compare_means(a, b, 0.999 * smallest).verdict == UNDECIDED


# ---- Means -----------------------------------------------------------------------------------------------------------


def test_p_values_are_scipys_one_sided_tests():
    rng = np.random.default_rng(2)
    a, b = rng.normal(20, 3, 30), rng.normal(21, 6, 50)
    found = compare_means(a, b, 2.5)
    above = stats.ttest_ind(a + 2.5, b, equal_var=False, alternative="greater").pvalue
    below = stats.ttest_ind(a - 2.5, b, equal_var=False, alternative="less").pvalue
    assert found.p_not_worse == pytest.approx(above)
    assert found.p_equivalence == pytest.approx(max(above, below))


def test_intervals_hold_welchs_and_are_nested_by_level():
    rng = np.random.default_rng(3)
    a, b = some_diverge(rng, 32), skewed(rng, 32)
    found, three = (compare_means(a, b, pairs=pairs) for pairs in (1, 3))
    welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert found.difference.low <= welch.low and welch.high <= found.difference.high
    assert found.difference.low < found.equivalence.low < found.equivalence.high < found.difference.high
    assert (found.difference.level, found.equivalence.level) == pytest.approx((0.95, 0.9))
    assert (three.difference.level, three.equivalence.level) == pytest.approx((1 - 0.05 / 3, 1 - 0.1 / 3))
    assert three.difference.low < found.difference.low and three.detectable > found.detectable


@pytest.mark.slow
@pytest.mark.parametrize("draw", [skewed, some_diverge])
def test_equivalence_is_rarely_claimed_at_the_margin(draw):
    rng, trials, claimed, margin = np.random.default_rng(4), 400, 0, 15.0
    for _ in range(trials):
        a, b = draw(rng, 32) + margin, draw(rng, 32)  # the true difference is the margin
        claimed += compare_means(a, b, margin).verdict in (
            EQUIVALENT,
            BOTH,
        )
    assert claimed <= stats.binom.ppf(0.999, trials, 0.06)
    assert claimed >= stats.binom.ppf(0.001, trials, 0.03)


@pytest.mark.slow
def test_equal_populations_are_rarely_called_different():
    rng, trials, claimed = np.random.default_rng(5), 400, 0
    for _ in range(trials):
        claimed += compare_means(skewed(rng, 32), skewed(rng, 32)).verdict == DIFFERENT
    assert stats.binom.ppf(0.001, trials, 0.03) <= claimed <= stats.binom.ppf(0.999, trials, 0.05)


def test_equal_errors_are_equivalent_and_few_networks_undecided():
    same = compare_means(np.full(20, 7.0), np.full(20, 7.0))
    assert (same.verdict, same.difference.low, same.difference.high) == (EQUIVALENT, 0, 0)
    assert math.isnan(same.p_equivalence)
    few = compare_means(np.arange(15.0), np.arange(15.0))
    assert few.verdict == UNDECIDED and math.isnan(few.difference.low) and few.difference.estimate == 0
    assert few.detectable > 0


# ---- Power -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n, alpha, power", [(4, 0.05, 0.8), (32, 0.05, 0.8), (32, 0.05 / 3, 0.9), (500, 0.01, 0.8)])
def test_detectable_difference_is_that_of_statsmodels(n, alpha, power):
    expected = TTestIndPower().solve_power(nobs1=n, alpha=alpha, power=power)
    assert detectable_difference(math.sqrt(2 / n), 2 * n - 2, alpha, power) == pytest.approx(expected, rel=1e-4)


def test_stated_power_is_had():
    rng, n, trials = np.random.default_rng(6), 32, 20_000
    error, freedom = math.sqrt((3**2 + 5**2) / n), (n - 1) * (3**2 + 5**2) ** 2 / (3**4 + 5**4)
    a, b = rng.normal(0, 3, (trials, n)), rng.normal(0, 5, (trials, n))
    shifted = stats.ttest_ind(a + detectable_difference(error, freedom), b, axis=1, equal_var=False)
    assert (shifted.pvalue <= 0.05).mean() == pytest.approx(0.8, abs=0.02)
    margin = provable_margin(error, freedom)
    limits = stats.ttest_ind(a, b, axis=1, equal_var=False).confidence_interval(0.9)
    assert ((-margin < limits.low) & (limits.high < margin)).mean() == pytest.approx(0.8, abs=0.02)


def test_detectable_difference_is_found_with_the_stated_power():
    rng, n = np.random.default_rng(29), 24
    gap = detectable(rng.normal(0, 2, 4000)[:n], rng.normal(0, 2, n), power=0.8)
    sizes = [detectable(*rng.normal(0, 2, (2, n))) for _ in range(300)]
    p = stats.ttest_ind(rng.normal(0, 2, (2000, n)), rng.normal(np.mean(sizes), 2, (2000, n)), axis=1).pvalue
    assert np.mean(p < 0.05) == pytest.approx(0.8, abs=0.03)
    assert gap > 0


# ---- Quantiles -------------------------------------------------------------------------------------------------------


def test_quantiles_are_numpys_inverse_of_the_edf():
    rng = np.random.default_rng(7)
    a, b = skewed(rng, 32), skewed(rng, 50)
    found = quantile_differences(a, b, resampling=Resampling(resamples=50))

    def of(x):
        return np.quantile(x, SHARES, method="inverted_cdf")

    np.testing.assert_allclose(found.difference, of(a) - of(b))
    np.testing.assert_array_equal(found.below_a, [np.sum(np.arange(1, 33) / 32 < p - 1e-9) + 1 for p in SHARES])
    assert found.at(BEST).estimate == found.difference[0] and found.below_a[0] == 2


@pytest.mark.slow
@pytest.mark.parametrize("draw_a, n, least", [(skewed, 32, 0.95), (some_diverge, 32, 0.92), (some_diverge, 100, 0.94)])
def test_bands_hold_all_true_differences_about_as_often_as_they_say(draw_a, n, least):
    rng, trials = np.random.default_rng(8), 300

    def of(draw):
        return np.quantile(draw(rng, 1_000_000), SHARES, method="inverted_cdf")

    truth = of(draw_a) - of(skewed)
    held = 0
    for trial in range(trials):
        found = quantile_differences(draw_a(rng, n), skewed(rng, n), resampling=Resampling(resamples=300, seed=trial))
        held += np.all((found.low <= truth + 1e-9) & (truth <= found.high + 1e-9))
    assert held >= stats.binom.ppf(0.001, trials, least)


def test_a_shift_of_the_best_networks_only_is_seen_there_and_not_elsewhere():
    rng = np.random.default_rng(9)
    a, b = rng.normal(30, 4, 500), rng.normal(30, 4, 500)
    a[a < np.quantile(a, 0.15)] -= 10
    found = quantile_differences(a, b, resampling=Resampling(resamples=500))
    assert found.at(BEST).high < 0
    assert (found.low[10:] < 0).all() and (found.high[10:] > 0).all()


def test_a_band_holds_every_pointwise_interval_and_grows_with_the_level():
    rng = np.random.default_rng(10)
    a, b = skewed(rng, 64), skewed(rng, 64)
    wide, narrow = (quantile_differences(a, b, Resampling(level, 400)) for level in (0.99, 0.9))
    assert (wide.high >= narrow.high).all() and wide.critical > narrow.critical > stats.norm.ppf(0.95)
    np.testing.assert_allclose(narrow.high - narrow.difference, narrow.half_width)
    assert (narrow.provable() > narrow.detectable()).all() and (narrow.detectable() > narrow.half_width).all()


def test_quantiles_depend_on_the_seed_and_not_on_the_chunks_or_order(monkeypatch):
    rng = np.random.default_rng(11)
    a, b = skewed(rng, 32), skewed(rng, 32)
    once = quantile_differences(a, b, resampling=Resampling(resamples=64, seed=3))
    assert (quantile_differences(a[::-1], b, resampling=Resampling(resamples=64, seed=3)).high == once.high).all()
    assert (quantile_differences(a, b, resampling=Resampling(resamples=64, seed=4)).high != once.high).any()
    monkeypatch.setattr(resampling, "NUMBERS_AT_ONCE", 1280)
    assert (quantile_differences(a, b, resampling=Resampling(resamples=64, seed=3)).high == once.high).all()


def test_few_networks_have_quantiles_without_a_band():
    found = quantile_differences(np.arange(23.0), np.arange(23.0), resampling=Resampling(resamples=10))
    assert (found.difference == 0).all() and np.isnan(found.low).all() and np.isnan(found.detectable()).all()


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: compare_means([1.0], [1.0, 2.0]), "a: expected 2 or more"),
        (lambda: compare_means([1.0, 2.0], [1.0, math.nan]), "b: expected 2 or more finite"),
        (lambda: compare_means([1.0, 2.0], [1.0, 2.0], margin=0), "margin"),
        (lambda: compare_means([1.0, 2.0], [1.0, 2.0], level=0.4), "level"),
        (lambda: quantile_differences([1.0, 2.0], [1.0, 2.0], shares=[0, 0.5]), "shares"),
    ],
)
def test_bad_arguments_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# ---- Table and figure ------------------------------------------------------------------------------------------------


def sharing_table(**runs):
    return sharing_tests.make(study("sharing_tests", FIGURES["sharing_equivalence"], **runs))


def test_the_table_has_two_rows_per_pair_and_holds_for_all_pairs_at_once():
    table = sharing_table()
    assert table["panel"].tolist() == [panel for panel in FIGURES["sharing_equivalence"] for _ in range(2)]
    row, a, b = table.iloc[0], curve("AnyNetX_A").errors, curve("AnyNetX_B").errors
    found = compare_means(a, b, 1.0, 3)
    assert row["difference"] == pytest.approx(a.mean() - b.mean())
    assert (row["low"], row["high"], row["detectable"]) == (
        found.difference.low,
        found.difference.high,
        found.detectable,
    )
    p = compare({"a": a, "b": b}, resampling=Resampling(resamples=200)).iloc[0]["p_mean"]
    assert row["p_difference"] == min(1, 3 * p) and set(table["pairs"]) == {3}
    best = quantile_differences(a, b, Resampling(resamples=200).simultaneous(3)).at(BEST)
    assert tuple(table.iloc[1][["difference", "low", "high"]]) == (best.estimate, best.low, best.high)
    assert "3 pairs" in table.attrs["note"] and "margin 1 points" in table.attrs["note"]


@pytest.mark.parametrize("n, intervals", [(0, [0, 0]), (1, [0, 0]), (2, [0, 0]), (20, [1, 0]), (24, [1, 1])])
def test_few_runs_leave_cells_empty(n, intervals):
    table = sharing_table(n=n, planned=32)
    assert table["low"].notna().tolist() == [bool(i) for i in intervals] * 3
    assert table["difference"].notna().all() == (n > 1)
    assert table["n"].tolist() == [f"{n} of 32"] * 6 and f"{n} of 32" in markdown(table)


def test_the_figure_draws_the_numbers_of_the_table():
    data = sharing_equivalence.draw(study("sharing_equivalence")).data
    table, ends = sharing_table(), ["difference", "low", "high"]
    means, best = (
        data[data["kind"] == "mean_difference"],
        data[(data["kind"] == "quantile") & (data["x"] == 100 * BEST)],
    )
    np.testing.assert_allclose(means[["y", "lower", "upper"]], table[table["quantity"] == "mean"][ends])
    np.testing.assert_allclose(best[["y", "lower", "upper"]], table[table["quantity"] != "mean"][ends])


@pytest.mark.parametrize("make", [sharing_tests.make, sharing_equivalence.draw])
def test_a_panel_is_a_pair(make):
    with pytest.raises(ValueError, match="all: expected two curves, got 3"):
        make(study("sharing_tests", {"all": ["AnyNetX_A", "AnyNetX_B", "AnyNetX_C"]}))
