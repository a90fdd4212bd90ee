"""Patterns: none is found where there is none, a known one is, and what is not a pattern is no gain."""

import numpy as np
import pandas as pd
import pytest
from helpers.invented import STUDIES, curve, study
from netspaces.statistics import patterns
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.patterns import (
    REGRESSION,
    SHALLOW_TREE,
    baseline_features,
    cross_fitted,
    describe,
    pattern_features,
    search,
    stage_values,
)
from netspaces.tables.critics import unshared_patterns
from netspaces.tables.style import markdown
from scipy import stats
from sklearn.linear_model import RidgeCV

MODELS = (REGRESSION, SHALLOW_TREE)


def networks(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Networks of four stages, all values free."""
    table = pd.DataFrame({"flops": rng.uniform(8e5, 1e6, n)})
    for name, values in (("depth", [1, 2, 3, 4]), ("width", [16, 32, 64, 128]), ("bottleneck", [1, 2, 4])):
        for stage in range(1, 5):
            table[f"{name}_{stage}"] = rng.choice(values, n)
    return table.assign(**{f"group_width_{stage}": 4 for stage in range(1, 5)})


def errors_of(rng: np.random.Generator, table: pd.DataFrame, slope: float = 0, level: float = 2) -> np.ndarray:
    """Errors fall with the last width, rise with the level of bottlenecks and with their slope over the stages."""
    bottleneck = stage_values(table, "bottleneck")
    explained = 3 * (7 - np.log2(table["width_4"])) + level * bottleneck.mean(1)
    return (explained + slope * pattern_features(bottleneck)["slope"] + rng.gamma(1.5, 3, len(table))).to_numpy()


# ---- Features --------------------------------------------------------------------------------------------------------


def test_features_are_what_sharing_gives_up():
    features = pattern_features(np.array([[0.0, 1, 2, 3], [2, 2, 2, 2], [1, 0, 0, 1]]))
    assert features["slope"].tolist() == pytest.approx([1, 0, 0])
    assert features["spread"].tolist() == [3, 0, 1]
    assert features.iloc[1].tolist() == [0] * 6  # one value for all stages: nothing to see
    np.testing.assert_allclose(features.filter(like="stage").sum(axis=1), 0)
    shifted = pattern_features(np.array([[5.0, 6, 7, 8]]))
    np.testing.assert_allclose(shifted, features.iloc[:1])  # the level is no part of the pattern


def test_the_baseline_knows_levels_and_not_patterns():
    table = networks(np.random.default_rng(0), 50)
    x = baseline_features(table, "bottleneck")
    assert x.shape == (50, 1 + 4 + 4 + 1)  # flops, depths, widths, level of bottlenecks; group widths are all 4
    mixed = table.copy()
    mixed[[f"bottleneck_{i}" for i in (1, 2, 3, 4)]] = table[[f"bottleneck_{i}" for i in (3, 4, 2, 1)]].to_numpy()
    np.testing.assert_allclose(baseline_features(mixed, "bottleneck"), x)


# ---- Cross-fitting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_no_network_has_a_part_in_what_is_said_of_it(model):
    rng = np.random.default_rng(1)
    table = networks(rng, 40)
    errors, x = errors_of(rng, table, 3), baseline_features(table, "bottleneck")
    z = pattern_features(stage_values(table, "bottleneck")).to_numpy()
    before = np.stack(cross_fitted(x, z, errors, model)[:2])
    for network in (0, 17):
        changed = errors.copy()
        changed[network] += 50
        after = np.stack(cross_fitted(x, z, changed, model)[:2])
        np.testing.assert_allclose(after[:, network], before[:, network])
        assert (after != before).any()


@pytest.mark.parametrize("n", [32, 37])
def test_half_of_the_networks_are_liked(n):
    rng = np.random.default_rng(2)
    table = networks(rng, n)
    z = pattern_features(stage_values(table, "bottleneck")).to_numpy()
    *_, liked = cross_fitted(baseline_features(table, "bottleneck"), z, rng.normal(size=n), REGRESSION)
    assert abs(liked.sum() - n / 2) <= 2


def test_the_baseline_is_scikit_learns_ridge():
    rng = np.random.default_rng(3)
    table = networks(rng, 48)
    x, errors = baseline_features(table, "bottleneck"), errors_of(rng, table)
    expected, *_ = cross_fitted(x, np.zeros((48, 1)), errors, REGRESSION, seed=5)
    seen, unseen = next(iter(patterns._folds(patterns.FOLDS, 5).split(x)))
    mean, std = x[seen].mean(0), x[seen].std(0)
    ridge = RidgeCV(patterns.PENALTIES).fit((x[seen] - mean) / std, errors[seen])
    np.testing.assert_allclose(expected[unseen], ridge.predict((x[unseen] - mean) / std))


# ---- Search ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("model, trials", [(REGRESSION, 40), (SHALLOW_TREE, 20)])
def test_where_there_is_no_pattern_the_interval_holds_zero(model, trials):
    rng, held = np.random.default_rng(4), 0
    for _ in range(trials):
        table = networks(rng, 32)
        errors, x = errors_of(rng, table), baseline_features(table, "bottleneck")
        z = pattern_features(stage_values(table, "bottleneck")).to_numpy()
        expected, _, liked = cross_fitted(x, z, errors, model)
        gain, _ = patterns._gain(errors - expected, liked, 0.8)
        held += gain.low <= 0 <= gain.high
    assert held >= stats.binom.ppf(0.001, trials, 0.8)


@pytest.mark.parametrize("model", MODELS)
def test_a_pattern_that_helps_is_found_and_named(model):
    rng = np.random.default_rng(5)
    table = networks(rng, 100)
    found = search(table, errors_of(rng, table, slope=8), "bottleneck", model, resampling=Resampling(resamples=200))
    assert found.found and found.r2_gain.low > 0 and found.gain.estimate > found.detectable / 2
    assert ("falling over the stages" if model == REGRESSION else "slope ≤") in found.words
    # a half of the networks each: means of slopes beyond and within the median differ by 1.6 deviations
    slopes = pattern_features(stage_values(table, "bottleneck"))["slope"]
    assert 0.5 * 8 * 1.6 * slopes.std() < found.gain.estimate < 1.3 * 8 * 1.6 * slopes.std()


def test_a_better_level_is_no_pattern():
    rng = np.random.default_rng(6)
    table = networks(rng, 200)
    found = search(
        table, errors_of(rng, table, level=12), "bottleneck", REGRESSION, resampling=Resampling(resamples=200)
    )
    assert not found.found and found.r2_baseline > 0.5


def test_the_same_inputs_give_the_same_pattern():
    of = curve("AnyNetX_A")
    once, again = (
        search(of.table, of.errors, "bottleneck", SHALLOW_TREE, resampling=Resampling(resamples=50)) for _ in range(2)
    )
    assert once == again


def test_equal_errors_have_no_pattern():
    table = networks(np.random.default_rng(7), 32)
    found = search(table, np.full(32, 7.0), "bottleneck", SHALLOW_TREE, resampling=Resampling(resamples=50))
    assert not found.found and (found.gain.low, found.gain.high) == pytest.approx((0, 0))
    assert np.isnan(found.r2_baseline) and np.isnan(found.detectable)
    assert "no split" in found.words


def test_a_tree_says_the_way_to_its_best_leaf():
    values = np.array([[2.0, 0.0]] * 30 + [[0.0, 2.0]] * 30)
    words = describe(pattern_features(values), np.repeat([3.0, -3.0], 30), "group_width", SHALLOW_TREE)
    assert words.startswith("group width: ") and words.endswith("(-3.00, 30 networks)")
    words = describe(pattern_features(values), np.repeat([3.0, -3.0], 30), "group_width", REGRESSION)
    assert "growing over the stages" in words or "high in stage 2" in words or "low in stage 1" in words


@pytest.mark.parametrize(
    "table, parameter, model, words",
    [
        (networks(np.random.default_rng(8), 23), "bottleneck", REGRESSION, "expected 24 networks"),
        (networks(np.random.default_rng(8), 32), "group_width", REGRESSION, "all stages share one value"),
        (networks(np.random.default_rng(8), 32), "se_ratio", REGRESSION, "se_ratio: expected a value above 0"),
        (networks(np.random.default_rng(8), 32), "bottleneck", "forest", "model: expected regression or tree"),
    ],
)
def test_bad_arguments_are_named(table, parameter, model, words):
    with pytest.raises(ValueError, match=words):
        search(table, np.arange(len(table), dtype=float), parameter, model)


# ---- Table -----------------------------------------------------------------------------------------------------------


def patterns_table(**runs) -> pd.DataFrame:
    return unshared_patterns.make(study("unshared_patterns", STUDIES["unshared_patterns"]["panels"], **runs))


def test_the_table_has_a_row_per_parameter_space_and_model():
    table = patterns_table()
    assert table[["parameter", "space", "model"]].to_numpy().tolist() == [
        [parameter, space, model]
        for parameter, space in (
            ("bottleneck", "AnyNetX_A"),
            ("group width", "AnyNetX_A"),
            ("group width", "AnyNetX_B"),
        )
        for model in MODELS
    ]
    assert set(table["searches"]) == {6} and table["level"].tolist() == pytest.approx([1 - 0.05 / 6] * 6)
    assert ((table["low"] > 0) == (table["verdict"] == "a pattern helps")).all()
    assert (table["low"] < table["gain"]).all() and (table["gain"] < table["high"]).all()


@pytest.mark.parametrize("n", [0, 1, 23])
def test_few_runs_are_said(n):
    table = patterns_table(n=n, planned=32)
    assert set(table["verdict"]) == {"too few networks"} and table["gain"].isna().all()
    assert table["n"].tolist() == [n] * 6 and "too few networks" in markdown(table)
