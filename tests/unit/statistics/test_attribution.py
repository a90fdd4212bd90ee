"""Attribution of variance: known shares, statsmodels' numbers, and intervals that hold what they promise."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from netspaces.statistics.anova import effects
from netspaces.statistics.attribution import factor, polynomial, products, shares, transformed
from netspaces.statistics.intervals import Resampling
from scipy import stats

QUICK = Resampling(resamples=20)


def r2(columns: list[np.ndarray], y: np.ndarray) -> float:
    return sm.OLS(y, sm.add_constant(np.column_stack(columns))).fit().rsquared if columns else 0.0


def factors(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Four factors, not balanced, and an error with one interaction among them."""
    table = pd.DataFrame(
        {name: rng.integers(levels, size=n) for name, levels in zip("abcd", (3, 2, 3, 2), strict=True)}
    )
    return table.assign(y=0.4 * table["a"] + 0.5 * table["b"] * table["c"] + rng.normal(size=n))


# ---- Shares ----------------------------------------------------------------------------------------------------------


def test_shares_are_gains_in_r2_averaged_over_all_orders():
    rng = np.random.default_rng(0)
    columns = {"a": rng.normal(size=(50_000, 2)), "b": rng.normal(size=50_000)}
    columns["c"] = columns["b"] + rng.normal(size=50_000)
    y = columns["a"] @ [0.5, 0.2] + columns["b"] + 0.5 * columns["c"] + rng.normal(size=50_000)
    gains = dict.fromkeys(columns, 0.0)
    for order in permutations(columns):
        for i, name in enumerate(order):
            before = [columns[other] for other in order[:i]]
            gains[name] += (r2([*before, columns[name]], y) - r2(before, y)) / 6
    found = shares(columns, y, resampling=QUICK).set_index("group")
    assert found["share"].drop("total").to_dict() == pytest.approx(gains, abs=1e-4)  # the adjustment is that small here
    assert found["columns"].to_dict() == {"a": 2, "b": 1, "c": 1, "total": 4}


def test_shares_of_an_orthogonal_design_are_those_of_the_variance():
    cells = np.stack(np.meshgrid(*[np.arange(3)] * 3), -1).reshape(-1, 3).repeat(400, axis=0)
    parts = np.array([1.0, 0.5, 0.0]) * np.array([[-1, 0, 1]]).T
    noise = np.random.default_rng(1).normal(size=len(cells))
    y = sum(parts[cells[:, i], i] for i in range(3)) + noise
    found = shares({name: factor(cells[:, i]) for i, name in enumerate("abc")}, y, resampling=QUICK)
    variances = np.array([2 / 3, 2 / 3 / 4, 0, 2 / 3 * 1.25])  # of the parts, and of their sum
    assert found["share"].to_numpy() == pytest.approx(variances / (variances[3] + 1), abs=0.015)


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.95])
def test_shares_of_two_correlated_normals_are_the_analytic_ones(rho):
    n, b = 200_000, np.array([0.8, 0.3])
    x = np.random.default_rng(2).multivariate_normal([0, 0], [[1, rho], [rho, 1]], n)
    y = x @ b + np.random.default_rng(3).normal(size=n)
    variance = b @ [[1, rho], [rho, 1]] @ b + 1
    alone = (b + rho * b[::-1]) ** 2 / variance
    together = 1 - 1 / variance
    expected = (alone + together - alone[::-1]) / 2
    found = shares({"a": x[:, 0], "b": x[:, 1]}, y, resampling=QUICK)["share"].to_numpy()
    assert found == pytest.approx([*expected, together], abs=0.006)


def test_shares_add_up_to_statsmodels_adjusted_r2():
    rng = np.random.default_rng(4)
    table = factors(rng, 80)
    parts = {name: factor(table[name]) for name in "abcd"} | {"z": polynomial(rng.normal(size=80))}
    found = shares(parts, table["y"], sums={"two": ["a", "b"]}, resampling=QUICK).set_index("group")["share"]
    fit = sm.OLS(table["y"], sm.add_constant(np.column_stack(list(parts.values())))).fit()
    assert found["total"] == pytest.approx(fit.rsquared_adj) == pytest.approx(found[list("abcdz")].sum())
    assert found["two"] == pytest.approx(found["a"] + found["b"])


def test_a_choice_that_does_nothing_has_no_share_on_average():
    rng, found = np.random.default_rng(5), []
    for _ in range(400):
        x = rng.normal(size=60)
        parts = {"x": x, "nothing": rng.normal(size=(60, 3))}
        found.append(shares(parts, x + rng.normal(size=60), resampling=Resampling(resamples=1))["share"].to_numpy())
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / 20
    assert abs(mean[1]) < 3 * error[1] and abs(mean[2] - 0.5) < 3 * error[2] + 0.01


def trial(rng: np.random.Generator, n: int) -> tuple[dict, np.ndarray, np.ndarray]:
    """Groups, errors and populations of a small experiment with skewed noise."""
    cell = np.arange(n) % 6
    z = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], n)
    y = 0.5 * (cell % 3 == 2) + 0.6 * z[:, 0] + 0.2 * z[:, 1] + (rng.gamma(2, size=n) - 2) / np.sqrt(2)
    groups = {"a": factor(cell % 3), "z": z[:, :1], "x": z[:, 1:], "nothing": polynomial(rng.normal(size=n))}
    return groups, y, cell


@pytest.mark.slow
def test_intervals_of_shares_cover():
    truth = shares(*trial(np.random.default_rng(6), 300_000), resampling=Resampling(resamples=1))["share"].to_numpy()
    assert truth[3] == pytest.approx(0, abs=1e-3)
    rng, repetitions, covered = np.random.default_rng(7), 300, np.zeros(5)
    for seed in range(repetitions):
        found = shares(*trial(rng, 120), resampling=Resampling(resamples=200, seed=seed))
        covered += (found["low"] <= truth) & (truth <= found["high"])
    low, high = stats.binom.interval(0.999, repetitions, 0.95)
    assert (covered[:3] >= low - 0.04 * repetitions).all()  # percentiles of skewed shares fall a little short
    assert covered[3] >= low and covered[4] >= low - 0.04 * repetitions


# ---- Columns, seeds, mistakes ----------------------------------------------------------------------------------------


def test_columns_of_factors_curves_and_interactions():
    assert factor(["x", "r", "v", "r"]).tolist() == [[-1, -1], [1, 0], [0, 1], [1, 0]]
    columns = polynomial([1.0, 2.0, 3.0, np.nan])
    assert columns[3].tolist() == [0, 0] and columns[:3].mean(0) == pytest.approx([0, 0])
    assert polynomial([2.0, 4.0, 2.0]).shape == (3, 1)  # two values: a line says all
    assert polynomial([3.0, 3.0]).shape == (2, 0) and factor([1, 1]).shape == (2, 0)
    assert products(factor([0, 1, 2]), factor([0, 1, 0])).tolist() == [[1, 0], [0, -1], [-1, -1]]


def test_scales_of_errors():
    assert transformed([1.0, np.e]).tolist() == [0, 1]
    assert np.exp(transformed([0.0, 2.0])) == pytest.approx([1, 2])
    assert transformed([5.0, 1.0, 5.0], "rank").tolist() == [2.5, 1, 2.5]
    assert transformed([5.0, 1.0], "percent").tolist() == [5, 1]
    with pytest.raises(ValueError, match="scale: got 'root', expected log, rank or percent"):
        transformed([1.0], "root")


def test_results_depend_on_the_seed_and_not_on_the_order_of_networks():
    rng = np.random.default_rng(11)
    table = factors(rng, 60)
    parts = {name: factor(table[name]) for name in "abc"}
    one, again, other = (
        shares(parts, table["y"], resampling=Resampling(resamples=20, seed=seed)) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, again)
    assert (one["share"] == other["share"]).all() and (one["low"] != other["low"]).any()
    order = rng.permutation(60)
    mixed = shares({name: part[order] for name, part in parts.items()}, table["y"].to_numpy()[order], resampling=QUICK)
    assert mixed["share"].to_numpy() == pytest.approx(one["share"].to_numpy())


def test_equal_errors_and_equal_columns_end_in_numbers():
    x = np.arange(20.0)
    same = shares({"x": x, "copy": x}, np.ones(20), resampling=QUICK)
    assert (same["share"] == 0).all()
    twins = shares({"x": x, "copy": x}, x + np.sin(x), resampling=QUICK)
    assert twins["share"][0] == pytest.approx(twins["share"][1], abs=1e-6)
    assert np.isfinite(effects({"x": x, "copy": x}, x, resampling=QUICK)[["omega2", "low", "high"]]).all(axis=None)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"groups": {}}, "groups: expected at least one"),
        ({"groups": {"a": [1.0, 2.0]}}, "a: expected 9 finite rows"),
        ({"groups": {"a": np.full(9, np.nan)}}, "a: expected 9 finite rows"),
        ({"groups": {"a": np.ones((9, 7))}}, "y: expected 10 or more finite numbers for 7 columns"),
        ({"strata": [1, 2]}, "strata: expected a label per network"),
        ({"groups": {str(i): np.arange(9.0) for i in range(13)}}, "expected at most 12|y: expected"),
    ],
)
def test_mistakes_are_named(wrong, message):
    given = {"groups": {"a": np.arange(9.0)}, "y": np.arange(9.0), **wrong}
    with pytest.raises(ValueError, match=message):
        shares(**given)
