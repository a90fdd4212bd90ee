"""Budgets: components recover what they were made of, probabilities are near the truth, costs are counted right."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from helpers.invented import STUDIES, curve, study
from netspaces.statistics import epochs as budgets
from netspaces.statistics.epochs import (
    COMPONENTS,
    agreement_of,
    by_space,
    components,
    detectable,
    drift,
    flips,
    repeat_of,
    split,
)
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.samples import log_errors
from netspaces.statistics.trends import best_mean
from netspaces.tables.critics import budget_numbers
from scipy import stats

RESAMPLES = 300


def crossed(rng: np.random.Generator, n: int, budgets: int = 4, seeds: int = 2, sd: tuple = (2, 1, 0.5, 0.7)):
    """(n, budgets, seeds) with known standard deviations: network, network x budget, seed, seed x budget."""
    a, ab, s, e = sd
    falling = -3.0 * np.arange(budgets)[:, None]
    values = 20 + falling + rng.normal(0, a, (n, 1, 1)) + rng.normal(0, ab, (n, budgets, 1))
    return values + rng.normal(0, s, (n, 1, seeds)) + rng.normal(0, e, (n, budgets, seeds))


def two_spaces(rng: np.random.Generator, n: int, gap: tuple = (0.5, 0.5)) -> list[np.ndarray]:
    """Skewed errors (n, budgets) of two spaces, b being worse by `gap`; a network's errors have a part in common."""
    draw = lambda: rng.gamma(2, 1, (n, 1)) + rng.gamma(2, 0.5, (n, len(gap)))
    return [5 + draw(), 5 + draw() + np.array(gap)]


def at(space: str, epochs: int, repeat: int = 0, n: int = 24):
    """An invented population of some budget."""
    return curve(space, n=n, recipe={5: "short", 8: "medium", 20: "long"}[epochs], repeat=repeat)


# ---- Populations -----------------------------------------------------------------------------------------------------


def test_budgets_gather_networks_by_epochs_and_repeat():
    curves = [at("RegNetX", 20), at("RegNetX", 5), at("RegNetX", 5, 1, n=8), at("RegNetX", 20, 1, n=8)]
    curves += [at("AnyNetX_E", 5, n=10), at("AnyNetX_E", 20, n=12), at("RegNetX", 5, 2, n=6)]
    regnet, anynet = by_space(curves)
    assert (regnet.label, regnet.epochs, anynet.label) == ("RegNetX", [5, 20], "AnyNetX_E")
    assert regnet.complete.shape == (24, 2) and anynet.complete.shape == (10, 2)
    assert regnet.crossed.shape == (8, 2, 2) and anynet.crossed.shape == (10, 2, 1)
    np.testing.assert_array_equal(regnet.complete[:, 1], curves[0].errors)
    np.testing.assert_array_equal(regnet.crossed[:, 1, 1], curves[3].errors)
    assert list(regnet.repeats(5)) == [0, 1, 2] and list(regnet.repeats(20)) == [0, 1]
    assert repeat_of(curves[2]) == 1 and repeat_of(curves[0]) == 0


def test_a_repeat_alone_is_named():
    with pytest.raises(ValueError, match="RegNetX: expected one population per number of epochs"):
        by_space([at("RegNetX", 5), at("RegNetX", 20, 1)])


# ---- Variance components ---------------------------------------------------------------------------------------------


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


# ---- Drift -----------------------------------------------------------------------------------------------------------


def moving(rng: np.random.Generator, n: int, by: float) -> tuple[np.ndarray, np.ndarray]:
    """Networks whose best value moves by `by` from the first to the last of three budgets."""
    x, noise = rng.uniform(0, 20, n), rng.gamma(2, 0.7, (n, 1))
    optimum = 8 + by * np.linspace(0, 1, 3)
    return x, 10 + 0.05 * (x[:, None] - optimum) ** 2 + noise + rng.gamma(2, 0.3, (n, 3))


@pytest.mark.parametrize("by", [0.0, 4.0])
def test_drift_covers_how_far_the_best_value_moves(by):
    rng, trials, level = np.random.default_rng(5), 200, 0.9
    truth = np.mean(
        [drift(*moving(rng, 32, by), resampling=Resampling(resamples=1)).change.estimate for _ in range(2000)]
    )
    found = [
        drift(*moving(rng, 32, by), resampling=Resampling(level=level, resamples=RESAMPLES)).change
        for _ in range(trials)
    ]
    held = np.mean([interval.low <= truth <= interval.high for interval in found])
    assert level - 0.07 <= held <= 1
    assert truth == pytest.approx(by, abs=0.6)


def test_drift_is_of_the_mean_best_value_and_nothing_where_budgets_agree():
    x, errors = moving(np.random.default_rng(7), 20, 2.0)
    found = drift(x, errors, resampling=Resampling(resamples=20))
    assert found.best.tolist() == pytest.approx([best_mean(x, column) for column in errors.T])
    same = drift(x, errors[:, [0, 0]], resampling=Resampling(resamples=20)).change
    assert (same.low, same.estimate, same.high) == (0, 0, 0)


# ---- Flips and splits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [(0.3, 0.5), (-0.4, 0.5)])
def test_flips_are_near_the_truth(gap, monkeypatch):
    monkeypatch.setattr(budgets, "OUTER", 80), monkeypatch.setattr(budgets, "INNER", 80)
    rng, trials, n = np.random.default_rng(11), 60, 32
    signs = [np.sign(np.subtract(*(v.mean(0) for v in two_spaces(rng, n, gap)))) for _ in range(3000)]
    truth = np.mean([first != last for first, last in signs])
    found = [flips(*two_spaces(rng, n, gap), Resampling(0.9, RESAMPLES, seed))[0] for seed in range(trials)]
    estimates = [interval.estimate for interval in found]
    assert np.median(estimates) == pytest.approx(truth, abs=0.2)  # leans towards a half
    assert np.mean([interval.low <= truth <= interval.high for interval in found]) >= 0.7


def test_a_budget_never_contradicts_itself():
    *_, last = flips(*two_spaces(np.random.default_rng(13), 10), resampling=Resampling(resamples=RESAMPLES))
    assert (last.low, last.estimate, last.high) == (0, 0, 0)
    assert (
        flips(np.ones((5, 2)), np.ones((5, 2)), resampling=Resampling(resamples=20))[0].estimate == 0.5
    )  # no order to keep


def test_risk_of_a_split_is_that_of_new_networks():
    rng = np.random.default_rng(17)
    a, b = two_spaces(rng, 2000, (0.3, 0.3))
    curve = split(a, b, [5, 10], resampling=Resampling(resamples=2000)).curve
    assert (curve["total"] == 2 * curve["networks"] * curve["epochs"]).all()
    for epochs, column in ((5, 0), (10, 1)):
        line = curve[curve["epochs"] == epochs].set_index("networks")["risk"]
        spread = np.hypot(a[:, column].std(), b[:, column].std())
        for n in line.index[[6, 20, -1]]:
            normal = stats.norm.sf((b - a).mean(0)[column] / spread * np.sqrt(n))
            assert line[n] == pytest.approx(normal, abs=0.04)
    assert curve["low"].le(curve["risk"] + 0.08).all() and curve["high"].ge(curve["risk"] - 0.08).all()


def test_recommendation_is_the_cheapest_of_low_risk():
    clear = split(*two_spaces(np.random.default_rng(19), 60, (2.0, 2.0)), [5, 50], resampling=Resampling(resamples=500))
    assert clear.recommended["epochs"] == 5 and clear.recommended["risk"] < 0.05 and clear.reversed == 0
    assert clear.safe["total"] >= clear.recommended["total"]
    cheaper = clear.curve[clear.curve["total"] < clear.recommended["total"]]
    assert (cheaper["risk"] >= 0.05).any()
    misleading = split(
        *two_spaces(np.random.default_rng(19), 60, (-2.0, 2.0)), [5, 50], resampling=Resampling(resamples=500)
    )
    assert misleading.recommended["epochs"] == 50  # more networks do not mend a wrong order
    hopeless = split(*[np.random.default_rng(23).normal(9, 1, (8, 1))] * 2, [5], resampling=Resampling(resamples=200))
    assert hopeless.recommended is None and hopeless.safe is None


def test_detectable_difference_is_found_with_the_stated_power():
    rng, n = np.random.default_rng(29), 24
    gap = detectable(rng.normal(0, 2, 4000)[:n], rng.normal(0, 2, n), power=0.8)
    sizes = [detectable(*rng.normal(0, 2, (2, n))) for _ in range(300)]
    p = stats.ttest_ind(rng.normal(0, 2, (2000, n)), rng.normal(np.mean(sizes), 2, (2000, n)), axis=1).pvalue
    assert np.mean(p < 0.05) == pytest.approx(0.8, abs=0.03)
    assert gap > 0


def test_same_seed_same_numbers():
    a, b = two_spaces(np.random.default_rng(31), 12)
    one, other = (split(a, b, [5, 10], resampling=Resampling(resamples=100, seed=3)) for _ in range(2))
    pd.testing.assert_frame_equal(one.curve, other.curve)
    assert flips(a, b, resampling=Resampling(resamples=50, seed=1)) == flips(
        a, b, resampling=Resampling(resamples=50, seed=1)
    )


# ---- The table -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return budget_numbers.make(study("budget_numbers", STUDIES["budget_numbers"]["panels"]))


def test_table_holds_what_the_library_says(table):
    of = study("budget_numbers", STUDIES["budget_numbers"]["panels"])
    regnet, anynet = by_space(of.curves)
    rows = table.set_index(["quantity", "space", "epochs"])
    expected = agreement_of(anynet, 5, 50, resampling=Resampling(resamples=of.resamples))
    found = rows.loc[("Kendall's tau-b", "AnyNetX_E", "5–50")]
    assert (found["estimate"], found["low"], found["high"]) == tuple(vars(expected.kendall).values())[:3]
    found = rows.loc[("share of variance of log error: architecture", "RegNetX", "5, 10, 25, 50")]
    assert (
        found["estimate"]
        == components(log_errors(regnet.crossed), resampling=Resampling(resamples=9)).shares["architecture"].estimate
    )
    gap = rows.loc[("difference of mean errors", "RegNetX − AnyNetX_E", "50"), "estimate"]
    assert gap == pytest.approx(np.subtract(*(space.complete[:, -1].mean() for space in (regnet, anynet))))
    assert table["quantity"].str.contains("order flips").sum() == 3
    assert ("drift of the best slope w_a", "AnyNetX_E", "5–50") not in rows.index  # which has no such parameter


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_runs_leave_cells_empty(n, table):
    few = budget_numbers.make(study("budget_numbers", STUDIES["budget_numbers"]["panels"], n=n, planned=24))
    agreements = few[few["quantity"] == "Spearman correlation"]
    assert len(agreements) == 12 and agreements["estimate"].isna().all()
    assert list(few.columns) == list(table.columns)
    known = few[few["quantity"] == "difference of mean errors"]["estimate"].notna()
    assert known.all() if n == 2 else not known.any()
