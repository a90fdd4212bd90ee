"""Scaling: fits to the best networks, limits that follow from them, and correlations beside scipy's."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.spaces.expressions import Constraint
from netspaces.statistics.best import best_draws, best_weights, empirical_bootstrap
from netspaces.statistics.flops_fits import (
    FORMS,
    complexity_limits,
    correlation_interval,
    fit,
    non_negative_least_squares,
    rounded_up,
    winners,
)
from netspaces.statistics.intervals import Resampling
from scipy import stats
from scipy.optimize import nnls

REGIMES = [2e5 * 2**i for i in range(7)]


def populations(n: int = 16, noise: float = 0.2, seed: int = 0) -> list[pd.DataFrame]:
    """A population per regime whose activations are 30 sqrt(f), parameters 9000 + 0.2 f and times 0.001 sqrt(f)."""
    random, tables = np.random.default_rng(seed), []
    for high in REGIMES:
        flops = np.round(high * random.uniform(0.8, 1.0, n))
        spread = np.exp(noise * random.standard_normal((2, n)))
        columns = {"flops": flops, "activations": 30 * np.sqrt(flops) * spread[0]}
        columns |= {"params": (9000 + 0.2 * flops) * spread[1], "time": 1e-3 * np.sqrt(flops) + 1e-7 * flops}
        tables.append(pd.DataFrame(columns | {"error_min": random.uniform(1, 9, n)}))
    return tables


# ---- Correlation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, peer", [("pearson", stats.pearsonr), ("spearman", stats.spearmanr)])
def test_correlations_are_scipys_and_intervals_hold_them(kind, peer):
    x = np.random.default_rng(1).standard_normal(60)
    y = x + np.random.default_rng(2).standard_normal(60)
    found = correlation_interval(x, np.exp(y), kind, resampling=Resampling(resamples=2000))
    assert found.estimate == pytest.approx(peer(x, np.exp(y)).statistic)
    assert -1 <= found.low < found.estimate < found.high <= 1
    if kind == "spearman":  # ranks do not see a monotone change
        assert found == correlation_interval(x, y, kind, resampling=Resampling(resamples=2000))


def test_pearsons_interval_is_scipys_and_near_fishers_for_normal_samples():
    x, y = np.random.default_rng(3).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 300).T
    found, peer = correlation_interval(x, y, resampling=Resampling(resamples=4000)), stats.pearsonr(x, y)
    method = stats.BootstrapMethod(n_resamples=4000, method="BCa", rng=0)
    assert (found.low, found.high) == pytest.approx(tuple(peer.confidence_interval(0.95, method)), abs=0.01)
    assert (found.low, found.high) == pytest.approx(tuple(peer.confidence_interval(0.95)), abs=0.03)


def test_what_has_no_correlation_is_not_a_number():
    for x, y in (([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([], [])):
        assert np.isnan(correlation_interval(x, y).estimate)
    with pytest.raises(ValueError, match="kind is 'kendall'"):
        correlation_interval([1, 2, 3], [1, 2, 3], "kendall")


# ---- Best networks ---------------------------------------------------------------------------------------------------


def test_winners_are_those_of_the_empirical_bootstrap():
    (table, *_) = populations(20)
    won = winners([table["error_min"].to_numpy()], resampling=Resampling(resamples=20_000))
    expected = empirical_bootstrap(table["params"], table["error_min"], resampling=Resampling(resamples=20_000, seed=5))
    values = table["params"].to_numpy()[won[:, 0]]
    assert np.quantile(values, 0.5, method="inverted_cdf") == expected.median
    shares = np.bincount(won[:, 0]) / len(won)
    assert 1 / np.square(shares).sum() == pytest.approx(expected.effective_winners, rel=0.05)


def test_populations_are_drawn_independently():
    errors = np.arange(40.0)
    won = winners([errors, errors], resampling=Resampling(resamples=4000))
    assert abs(np.corrcoef(won.T)[0, 1]) < 0.05
    assert (
        winners([errors], resampling=Resampling(resamples=4000)).tolist() == won[:, :1].tolist()
    )  # and do not depend on one another


def fitted(tables: list[pd.DataFrame], metric: str, terms=None, resamples: int = 300):
    columns = [[table[name].to_numpy(float) for table in tables] for name in ("flops", metric, "error_min")]
    return fit(*columns, terms or FORMS[metric], Resampling(resamples=resamples))


def test_exact_laws_are_found():
    tables = populations(noise=0.0)
    law = {"activations": [30], "params": [9000, 0.2], "time": [1e-3, 1e-7]}
    for metric, terms in FORMS.items():
        found = fitted(tables, metric)
        for coefficient, true in zip(found.coefficients, law[metric], strict=True):
            assert (coefficient.estimate, coefficient.low, coefficient.high) == pytest.approx((true,) * 3, rel=1e-6)
        assert found.multiplier == pytest.approx(1)
        assert found(4e5) == pytest.approx(sum(c * t for c, t in zip(law[metric], _terms(terms, 4e5), strict=True)))
    assert fitted(tables, "activations").exponent.estimate == pytest.approx(0.5, abs=1e-3)


def _terms(terms, f: float) -> list[float]:
    return [{"constant": 1, "sqrt": f**0.5, "linear": f}[term] for term in terms]


@pytest.mark.slow
def test_noisy_laws_lie_in_their_intervals_about_as_often_as_promised():
    inside = []
    for seed in range(25):
        found = fitted(populations(40, seed=seed), "activations", resamples=100)
        inside.append(found.coefficients[0].low < 30 < found.coefficients[0].high)
        assert found.coefficients[0].estimate == pytest.approx(30, rel=0.3)
    assert sum(inside) >= 20


@pytest.mark.slow
def test_intervals_shrink_as_the_square_root_of_n():
    widths = {}
    for n in (32, 128, 512):
        found = [fitted(populations(n, seed=seed), "activations", resamples=200) for seed in range(8)]
        for name, intervals in (("law", [f.coefficients[0] for f in found]), ("power", [f.exponent for f in found])):
            widths[name, n] = np.mean([interval.high - interval.low for interval in intervals])
    for name in ("law", "power"):
        assert 1.5 < widths[name, 32] / widths[name, 128] < 2.7
        assert 1.5 < widths[name, 128] / widths[name, 512] < 2.7


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_least_squares_are_those_of_scipy(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(20, 2)) + rng.normal(size=2), rng.normal(size=20) + rng.normal()
    found = non_negative_least_squares((a.T @ a)[None], (a.T @ b)[None])[0]
    assert found == pytest.approx(nnls(a, b)[0], abs=1e-9)


def test_coefficients_are_never_negative():
    tables = populations(noise=0.0)
    for table in tables:
        table["power"] = table["flops"] ** 1.5  # a line through it starts below 0
    found = fitted(tables, "power", ("constant", "linear"), 20)
    assert found.coefficients[0].estimate == 0 and found.coefficients[1].low > 0


def test_too_few_regimes_are_refused():
    with pytest.raises(ValueError, match="fit: expected at least 2 regimes, got 1"):
        fit([np.ones(5)], [np.ones(5)], [np.ones(5)], ("sqrt",))


# ---- Limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.integers(1, 20), st.integers(0, 1000), st.sampled_from([0.5, 0.9, 0.95]))
def test_limits_hold_the_promised_share_of_the_best_networks(n, seed, level):
    tables = populations(n, seed=seed)
    limits = complexity_limits(tables, "error_min", Resampling(level, 200))
    draws = best_draws(n)
    weights = np.concatenate([best_weights(t["error_min"].to_numpy(), np.ones((1, n)), draws)[0] for t in tables])
    columns = {name: np.concatenate([t[name] for t in tables]) for name in ("flops", "activations", "params")}
    assert [text.split(" ")[0] for text in limits["constraints"]] == ["activations", "params"]
    for text in limits["constraints"]:
        assert weights @ Constraint(text).holds(columns) / weights.sum() >= level - 1e-9


def test_small_changes_do_not_move_limits():
    tables = populations()
    for table in tables:
        table["activations"] = 30.4 * np.sqrt(table["flops"])
    before = complexity_limits(tables, "error_min")
    for table in tables:
        table["activations"] *= 1.005
    assert complexity_limits(tables, "error_min") == before
    assert before["constraints"][0] == "activations <= 31 * sqrt(flops)"


def test_runs_that_are_not_there_do_not_count():
    tables = populations()
    expected = complexity_limits(tables[:2], "error_min", resampling=Resampling(resamples=50))
    for table in tables[2:]:
        table["error_min"] = np.nan
    assert complexity_limits(tables, "error_min", resampling=Resampling(resamples=50)) == expected
    tables[1]["error_min"] = np.nan
    with pytest.raises(ValueError, match="1 of 7 populations have runs, expected two"):
        complexity_limits(tables, "error_min")


@given(st.floats(1e-9, 1e12))
def test_rounding_goes_up_and_not_far(value):
    assert value * (1 - 1e-8) <= rounded_up(value) <= 1.11 * value
    assert rounded_up(rounded_up(value)) == rounded_up(value)
