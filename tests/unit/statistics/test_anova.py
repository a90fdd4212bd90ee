"""Analysis of variance: statsmodels' numbers, and intervals that hold what they promise."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from netspaces.statistics.anova import effects, factorial_terms
from netspaces.statistics.attribution import factor
from netspaces.statistics.intervals import Resampling
from scipy import stats
from statsmodels.stats.anova import anova_lm

QUICK = Resampling(resamples=20)


def factors(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Four factors, not balanced, and an error with one interaction among them."""
    table = pd.DataFrame(
        {name: rng.integers(levels, size=n) for name, levels in zip("abcd", (3, 2, 3, 2), strict=True)}
    )
    return table.assign(y=0.4 * table["a"] + 0.5 * table["b"] * table["c"] + rng.normal(size=n))


def test_effects_are_statsmodels_analysis_of_variance():
    table = factors(np.random.default_rng(8), 150)
    found = effects(factorial_terms({name: table[name] for name in "abcd"}), table["y"], resampling=QUICK).set_index(
        "term"
    )
    fitted = smf.ols("y ~ (C(a) + C(b) + C(c) + C(d)) ** 2", table).fit()
    theirs = anova_lm(fitted, typ=2)
    names = [f"C({i})" for i in "abcd"]
    names += [f"C({i}):C({j})" for k, i in enumerate("abcd") for j in "abcd"[k + 1 :]]
    ours = found[["sum_of_squares", "df", "f", "p"]].to_numpy()
    np.testing.assert_allclose(ours, theirs.loc[names].to_numpy(), rtol=1e-6, atol=1e-12)
    residual = theirs.loc["Residual"]
    squares, error = found["sum_of_squares"], residual["sum_sq"] / residual["df"]
    assert found["partial_r2"].to_numpy() == pytest.approx((squares / (squares + residual["sum_sq"])).to_numpy())
    omega2 = (squares - found["df"] * error) / (squares + (150 - found["df"]) * error)
    assert found["omega2"].to_numpy() == pytest.approx(omega2.to_numpy())
    assert (found["df_residual"] == residual["df"]).all()


def test_partial_r2_of_numbers_is_the_squared_partial_correlation():
    rng = np.random.default_rng(9)
    x = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 3))
    y = x @ [0.5, 0.0, -0.3] + rng.normal(size=60)
    found = effects({str(i): x[:, i] for i in range(3)}, y, resampling=QUICK)
    t = sm.OLS(y, sm.add_constant(x)).fit().tvalues[1:]
    assert found["partial_r2"].to_numpy() == pytest.approx(t**2 / (t**2 + 56))
    assert found["f"].to_numpy() == pytest.approx(t**2)


@pytest.mark.slow
def test_size_of_the_test_and_coverage_of_omega2():
    rng, repetitions, rejected, covered = np.random.default_rng(10), 300, 0, np.zeros(2)
    a, b = np.arange(120) % 3, np.arange(120) // 3 % 2
    truth = np.array([(0.5**2 * 2 / 3) / (0.5**2 * 2 / 3 + 1), 0.0])
    terms = {"a": factor(a), "b": factor(b)}
    for seed in range(repetitions):
        y = 0.5 * (a - 1.0) + rng.normal(size=120)
        found = effects(terms, y, 2 * a + b, resampling=Resampling(resamples=200, seed=seed))
        rejected += found["p"][1] < 0.05
        covered += (found["low"] <= truth) & (truth <= found["high"])
    low, high = stats.binom.interval(0.999, repetitions, 0.05)
    assert low <= rejected <= high
    assert (covered >= stats.binom.ppf(0.0005, repetitions, 0.95) - 0.03 * repetitions).all()
