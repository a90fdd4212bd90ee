"""Variance components recover what they were made of."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from netspaces.statistics.components import COMPONENTS, components
from netspaces.statistics.intervals import Resampling

RESAMPLES = 300


def crossed(rng: np.random.Generator, n: int, budgets: int = 4, seeds: int = 2, sd: tuple = (2, 1, 0.5, 0.7)):
    """(n, budgets, seeds) with known standard deviations: network, network x budget, seed, seed x budget."""
    a, ab, s, e = sd
    falling = -3.0 * np.arange(budgets)[:, None]
    values = 20 + falling + rng.normal(0, a, (n, 1, 1)) + rng.normal(0, ab, (n, budgets, 1))
    return values + rng.normal(0, s, (n, 1, seeds)) + rng.normal(0, e, (n, budgets, seeds))


def test_components_are_those_of_restricted_maximum_likelihood():
    values = crossed(np.random.default_rng(1), 40)
    n, b, s = values.shape
    index = pd.MultiIndex.from_product([range(n), range(b), range(s)], names=["network", "budget", "seed"])
    table = pd.DataFrame({"error": values.ravel()}, index).reset_index()
    parts = {"budget": "0 + C(budget)", "seed": "0 + C(seed)"}
    model = smf.mixedlm("error ~ C(budget)", table, groups="network", re_formula="1", vc_formula=parts)
    fit = model.fit(reml=True, method="lbfgs")
    expected = [fit.cov_re.iloc[0, 0], fit.vcomp[0], fit.vcomp[1], fit.scale]
    found = components(values, resampling=Resampling(resamples=9)).variances
    assert [found[name].estimate for name in COMPONENTS[:4]] == pytest.approx(expected, rel=0.01)
    means = fit.fe_params.to_numpy() + np.r_[0, [fit.fe_params.iloc[0]] * (b - 1)]
    correction = (expected[1] + expected[3] / s) / n  # the part of the spread of means that chance makes
    assert found["budget"].estimate == pytest.approx(means.var(ddof=1) - correction, rel=0.01)


@pytest.mark.slow
def test_components_recover_the_truth_and_intervals_cover_it():
    rng, trials, level, n = np.random.default_rng(2), 300, 0.9, 32
    truth = dict(zip(COMPONENTS, [4, 1, 0.25, 0.49, 15.0], strict=True))
    found = [components(crossed(rng, n), Resampling(level, RESAMPLES)) for _ in range(trials)]
    for name, value in truth.items():
        intervals = [one.variances[name] for one in found]
        estimates = np.array([interval.estimate for interval in intervals])
        assert estimates.mean() == pytest.approx(value, abs=4 * estimates.std() / np.sqrt(trials) + 0.02)
        held = np.mean([interval.low <= value <= interval.high for interval in intervals])
        assert 0.82 <= held <= 0.96, name  # intervals of variances are a little short at this n
    assert sum(one.estimate for one in found[0].shares.values()) == pytest.approx(1)


def test_without_seed_noise_seeds_have_no_share():
    values = crossed(np.random.default_rng(3), 12, sd=(2, 1, 0, 0))
    found = components(values, resampling=Resampling(resamples=50)).shares
    assert found["seed"].high == pytest.approx(0, abs=1e-9) and found["seed x budget"].estimate < 1e-9
    constant = components(np.ones((4, 2, 2)), resampling=Resampling(resamples=9))
    assert constant.variances["architecture"].high == 0 and np.isnan(constant.shares["architecture"].estimate)


def test_components_want_two_of_each():
    with pytest.raises(ValueError, match=r"two of each, got \(5, 2, 1\)"):
        components(np.ones((5, 2, 1)))
