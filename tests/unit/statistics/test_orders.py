"""Orders of design spaces: probabilities are near the truth, costs are counted right."""

import numpy as np
import pandas as pd
import pytest
from netspaces.statistics import orders as module
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.orders import flips, order, split
from scipy import stats

RESAMPLES = 300


def two_spaces(rng: np.random.Generator, n: int, gap: tuple = (0.5, 0.5)) -> list[np.ndarray]:
    """Skewed errors (n, budgets) of two spaces, b being worse by `gap`; a network's errors have a part in common."""
    a, b = (5 + rng.gamma(2, 1, (n, 1)) + rng.gamma(2, 0.5, (n, len(gap))) for _ in range(2))
    return [a, b + np.array(gap)]


def test_the_probability_of_an_order():
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, 40), rng.normal(0.6, 1, 50)
    found = order([a, b], resampling=Resampling(resamples=20_000))
    error = np.hypot(a.std() / np.sqrt(40), b.std() / np.sqrt(50))
    assert found.holds == found.first_worst == pytest.approx(stats.norm.cdf((a.mean() - b.mean()) / error), abs=0.015)
    assert found.n == (40, 50)
    three = order([a + 9, b, b - 9])
    assert three.holds == three.first_worst == 1
    turned = order([a + 9, b - 9, b])
    assert (turned.holds, turned.first_worst) == (0, 1)


def test_for_equal_spaces_the_probability_is_evenly_spread():
    rng = np.random.default_rng(1)
    found = [order(rng.gamma(2, 1, (2, 32)), resampling=Resampling(resamples=400, seed=i)).holds for i in range(400)]
    assert stats.kstest(found, "uniform").pvalue > 0.001
    assert np.mean(
        [order(rng.gamma(2, 1, (3, 32)), resampling=Resampling(resamples=400, seed=i)).holds for i in range(400)]
    ) == pytest.approx(1 / 6, abs=4 * 0.25 / 20)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [(0.3, 0.5), (-0.4, 0.5)])
def test_flips_are_near_the_truth(gap, monkeypatch):
    monkeypatch.setattr(module, "OUTER", 80)
    monkeypatch.setattr(module, "INNER", 80)
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


@pytest.mark.slow
def test_risk_of_a_split_is_that_of_new_networks():
    rng = np.random.default_rng(17)
    a, b = two_spaces(rng, 2000, (0.3, 0.3))
    risks = split(a, b, [5, 10], resampling=Resampling(resamples=2000)).risks
    assert (risks["total"] == 2 * risks["networks"] * risks["epochs"]).all()
    for epochs, column in ((5, 0), (10, 1)):
        line = risks[risks["epochs"] == epochs].set_index("networks")["risk"]
        spread = np.hypot(a[:, column].std(), b[:, column].std())
        for n in line.index[[6, 20, -1]]:
            normal = stats.norm.sf((b - a).mean(0)[column] / spread * np.sqrt(n))
            assert line[n] == pytest.approx(normal, abs=0.04)
    assert risks["low"].le(risks["risk"] + 0.08).all() and risks["high"].ge(risks["risk"] - 0.08).all()


def test_recommendation_is_the_cheapest_of_low_risk():
    clear = split(*two_spaces(np.random.default_rng(19), 60, (2.0, 2.0)), [5, 50], resampling=Resampling(resamples=500))
    assert clear.recommended["epochs"] == 5 and clear.recommended["risk"] < 0.05 and clear.reversed == 0
    assert clear.safe["total"] >= clear.recommended["total"]
    cheaper = clear.risks[clear.risks["total"] < clear.recommended["total"]]
    assert (cheaper["risk"] >= 0.05).any()
    misleading = split(
        *two_spaces(np.random.default_rng(19), 60, (-2.0, 2.0)), [5, 50], resampling=Resampling(resamples=500)
    )
    assert misleading.recommended["epochs"] == 50  # more networks do not mend a wrong order
    hopeless = split(*[np.random.default_rng(23).normal(9, 1, (8, 1))] * 2, [5], resampling=Resampling(resamples=200))
    assert hopeless.recommended is None and hopeless.safe is None


def test_same_seed_same_numbers():
    a, b = two_spaces(np.random.default_rng(31), 12)
    one, other = (split(a, b, [5, 10], resampling=Resampling(resamples=100, seed=3)) for _ in range(2))
    pd.testing.assert_frame_equal(one.risks, other.risks)
    assert flips(a, b, resampling=Resampling(resamples=50, seed=1)) == flips(
        a, b, resampling=Resampling(resamples=50, seed=1)
    )
