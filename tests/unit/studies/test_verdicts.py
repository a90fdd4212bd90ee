"""Verdicts on lists of claims: Holm and Benjamini-Hochberg, what undecided claims say, no verdict by luck of seeds."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.bootstrap_tails import weighted_means
from netspaces.statistics.confidence import Confidence, student
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.widths_fit import PAPER_GRID
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED, NO_CHOICE, NOT_MEASURED, UNDECIDED, Claim, Finding
from netspaces.studies.claims.populations import measure
from netspaces.studies.claims.verdicts import NEVER, decide, evidence, of_limits
from netspaces.studies.study import Curve
from scipy import stats
from statsmodels.stats.multitest import multipletests

INFINITE = math.inf


def claim(low: float = 0.0, high: float = INFINITE, quantity: str = "mean_difference", **more) -> Claim:
    return Claim("name", "words", "figure", quantity, low, high, **more)


def finding(z: float, n: int = 32) -> Finding:
    return Finding(student(z, 1.0, 1e9), n=(n, n))


# ---- Evidence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "z", "confirmed", "contradicted"),
    [
        (0, INFINITE, 2.0, stats.norm.sf(2), 1),
        (0, INFINITE, -2.0, 1, stats.norm.sf(2)),
        (-INFINITE, 0, -2.0, stats.norm.sf(2), 1),
        (-5, 3, 0.0, stats.norm.sf(3), 1),  # the nearer edge
        (-1, 1, 4.0, 1, stats.norm.sf(3) + stats.norm.sf(5)),  # both edges count
        (0, 0, 2.0, 1, 2 * stats.norm.sf(2)),  # a range of one value: the test of two sides
    ],
)
def test_p_values_of_ranges(low, high, z, confirmed, contradicted):
    of = evidence(claim(low, high), student(z, 1.0, 1e9))
    assert (of.confirmed, of.contradicted) == pytest.approx((confirmed, contradicted), rel=2e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20))
def test_verdicts_are_those_of_the_rules_and_can_be_read_off_the_limits(estimates):
    claims = [claim()] * len(estimates)
    decisions = decide(claims, [finding(z) for z in estimates])
    p = [of.evidence.p for of in decisions]
    for method, verdicts, limits in (
        ("holm", [of.sure for of in decisions], [of.sure_limits for of in decisions]),
        ("fdr_bh", [of.likely for of in decisions], [of.likely_limits for of in decisions]),
    ):
        decided = multipletests(p, 0.05, method=method)[0]
        assert [verdict != UNDECIDED for verdict in verdicts] == decided.tolist()
        for verdict, limit in zip(verdicts, limits, strict=True):
            expected = CONFIRMED if limit.low >= 0 else CONTRADICTED if limit.high < 0 else UNDECIDED
            assert verdict == expected or min(abs(limit.low), abs(limit.high)) < 0.01
    assert all(of.likely == of.sure for of in decisions if of.sure != UNDECIDED)


def test_claims_that_are_exact_or_without_limits_are_no_part_of_the_family():
    others = [
        Finding(Confidence.point(1.0)),
        Finding(None, absent=NOT_MEASURED),
        Finding(Confidence.unknown(2.0), "few", UNDECIDED, n=(8,), least=16),
        Finding(Confidence.unknown(2.0), "none", NO_CHOICE, n=(32,)),
    ]
    (alone,) = decide([claim()], [finding(1.7)])
    among = decide([claim()] * 5, [*others, finding(1.7)])
    assert among[4].p_sure == alone.p_sure == alone.evidence.p and among[4].sure == CONFIRMED
    assert [of.sure for of in among[:4]] == [CONFIRMED, NOT_MEASURED, UNDECIDED, NO_CHOICE]
    assert among[2].wanted == "16" and all(math.isnan(of.evidence.p) for of in among[:4])


@pytest.mark.slow
def test_sure_verdicts_of_a_list_are_seldom_wrong():
    """60 lists of 12 claims whose differences lie at the very edge of their ranges, from skewed populations of 32."""
    wrong = 0
    for i in range(60):
        rng = np.random.default_rng(i)
        findings = []
        for _ in range(12):
            a, b = (30 + 4 * rng.gamma(2.0, 1.0, 32) for _ in range(2))
            findings.append(Finding(weighted_means([a, b], (1.0, -1.0)), n=(32, 32)))
        decisions = decide([claim(), claim(1e-9)] * 6, findings)
        wrong += any(of.sure == bad for of, bad in zip(decisions, (CONTRADICTED, CONFIRMED) * 6, strict=True))
    assert wrong <= 8  # 99.7 % of binomial(60, 0.05)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 1.0, CONFIRMED), (-2.0, -0.1, CONTRADICTED), (-0.1, 1.0, UNDECIDED), (math.nan, math.nan, UNDECIDED)],
)
def test_verdicts_read_off_limits(low, high, expected):
    assert of_limits(claim(0), low, high) == expected


# ---- Undecided -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-1, 1, "within ±2.64"), (0, INFINITE, "≥ -0.645"), (-INFINITE, 0, "≤ 2.64"), (0, 2, "-0.645 to 2.64")],
)
def test_undecided_claims_say_what_is_shown(low, high, expected):
    (of,) = decide([claim(low, high)], [finding(1.0)])
    assert of.sure == UNDECIDED and of.shown == expected


@pytest.mark.slow
def test_so_many_networks_as_are_wanted_decide_in_four_of_five_populations():
    effect = 0.25
    (of,) = decide([claim()], [Finding(student(effect, np.sqrt(2 / 32), 62), n=(32, 32))])
    n, decided, rng = int(of.wanted), 0, np.random.default_rng(0)
    assert of.sure == UNDECIDED and 190 < n < 215  # (1.645 + 0.842)^2 * 2 / 0.25^2 = 198
    for _ in range(300):
        a, b = rng.normal(effect, 1, n), rng.normal(0, 1, n)
        decided += stats.ttest_ind(a, b, equal_var=False, alternative="greater").pvalue <= 0.05
    assert 0.72 <= decided / 300 <= 0.88


def test_no_number_of_networks_decides_what_lies_at_the_edge():
    (of,) = decide([claim()], [finding(0.0)])
    assert of.wanted == NEVER
    (decided,) = decide([claim()], [finding(9.0)])
    assert (decided.wanted, decided.shown) == ("", "")


# ---- Seeds -----------------------------------------------------------------------------------------------------------


def population(n: int = 32) -> Curve:
    rng = np.random.default_rng(5)
    depth = rng.uniform(4, 40, n)
    errors = 10 + 8 * np.abs(np.log2(depth / 14)) + rng.gamma(2.0, 2.0, n)
    columns = {"error_min": errors, "depth": depth, "flops": 1e6 * rng.uniform(0.9, 1, n)}
    return Curve("Space", "Space", "Space-base-short", pd.DataFrame(columns).assign(status="finished"), n)


@pytest.mark.slow
@pytest.mark.parametrize("quantity", ["best_mean", "rank_correlation", "search_gain"])
def test_seeds_of_the_resamples_move_limits_by_little_and_no_verdict(quantity):
    """Eight seeds, with the resamples that the workflow takes, at the error of one of sixty claims."""
    of = claim(0, 20, quantity, **({} if quantity == "search_gain" else {"value": "depth"}))
    error, limits, curve = 0.05 / 60, [], population()
    for seed in range(8):
        found = measure(of, [curve], PAPER_GRID, Resampling(seed=seed))
        assert found.resamples == 200_000
        limits.append([found.confidence.lower(error), found.confidence.upper(error)])
    width = np.mean(np.diff(limits))
    assert np.std(limits, axis=0).max() < 0.02 * width
    edges = np.mean(limits, axis=0) + width * np.array([-0.1, 0.1])  # a range that is surely, but not widely, met
    low, high = (round(float(edge), 12) for edge in edges)
    verdicts = {
        evidence(claim(low, high), measure(of, [curve], PAPER_GRID, Resampling(seed=s)).confidence).verdict(error)
        for s in range(8)
    }
    assert verdicts == {CONFIRMED}


def test_means_need_no_seed():
    curve = population()
    found = [measure(claim(), [curve, curve], PAPER_GRID, Resampling(seed=seed)) for seed in range(2)]
    assert found[0].resamples == 0
    assert found[0].confidence.limits(1e-4) == found[1].confidence.limits(1e-4)
