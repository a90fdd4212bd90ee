"""Claims: verdicts by rule, and what a claim must have."""

import math

import numpy as np
import pytest
from helpers.known_claims import (
    KEYS,
    OF_POPULATIONS,
    SAMPLED,
    claim,
    curve,
    found,
    judged,
    measured,
    population,
    verdict,
)
from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.claim import (
    CONFIRMED,
    CONTRADICTED,
    NO_RUNS,
    NOT_COMPUTABLE,
    NOT_MEASURED,
    UNDECIDED,
    Finding,
)
from netspaces.studies.claims.populations import population_quantity
from netspaces.studies.claims.quantities import QUANTITIES


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.0, 2.0, CONFIRMED),
        (0.0, 3.0, CONFIRMED),
        (-0.1, 2.0, UNDECIDED),
        (2.0, 3.1, UNDECIDED),
        (-2, -0.1, CONTRADICTED),
    ]
    + [(3.1, 4.0, CONTRADICTED), (-1.0, 4.0, UNDECIDED), (math.nan, math.nan, UNDECIDED)],
)
def test_an_interval_inside_confirms_outside_contradicts_else_nothing_is_decided(low, high, expected):
    confidence = Confidence(1.0, lambda error: low, lambda error: high)
    assert verdict(claim("mean_difference", 0, 3), Finding(confidence, absent=UNDECIDED)) == expected


def test_without_an_interval_there_are_no_runs():
    assert verdict(claim("mean_difference", 0), Finding()) == NO_RUNS
    assert verdict(claim("error_gap", 0), Finding(absent=NOT_MEASURED)) == NOT_MEASURED


@pytest.mark.parametrize("runs", [0, 1])
@pytest.mark.parametrize("quantity", SAMPLED)
def test_fewer_than_two_runs_say_nothing(quantity, runs):
    curves = [curve([30.0] * runs, depth=[4.0] * runs, flops=[1e6] * runs) for _ in range(QUANTITIES[quantity].fewest)]
    value = {"value": "depth"} if "value" in QUANTITIES[quantity].takes else {}
    of = measured(claim(quantity, **value, **KEYS.get(quantity, {})), *curves)
    assert of.confidence is None and of.reason == "fewer than 2 runs" and verdict(claim(quantity), of) == NO_RUNS


def test_a_column_that_is_not_there_gives_no_verdict():
    of = measured(claim("best_value", 0, value="w_m"), curve(population(30)))
    assert of.confidence is None and of.reason == "no w_m of Space-base-short"
    assert verdict(claim("best_value"), of) == NOT_COMPUTABLE


@pytest.mark.parametrize("quantity", OF_POPULATIONS)
def test_the_wrong_number_of_populations_is_refused(quantity):
    too_few = [curve(population(30))] * (QUANTITIES[quantity].fewest - 1)
    with pytest.raises(ValueError, match=r"name\.populations: got \d, expected"):
        found(claim(quantity, **KEYS.get(quantity, {})), *too_few)


@pytest.mark.parametrize(
    ("quantity", "keys", "expected"),
    [
        ("contrast", {"weights": (1.0,)}, r"name\.weights: got 1, expected one per population"),
        ("contrast", {}, r"name\.weights: got 0, expected one per population"),
        ("mean_difference", {"weights": (1.0, 2.0)}, r"name\.weights: got 2, expected none"),
        ("correlation", {}, r"name\.against: got 0, expected 1 or 2"),
        ("strongest_correlation", {}, r"name\.values: got 0, expected at least 1"),
    ],
)
def test_keys_that_a_quantity_wants(quantity, keys, expected):
    with pytest.raises(ValueError, match=expected):
        population_quantity(claim(quantity, **keys), QUANTITIES[quantity].fewest)


def test_an_unknown_quantity_is_refused():
    with pytest.raises(ValueError, match=r"name\.quantity: got 'luck', expected one of best_exponent, best_mean"):
        found(claim("luck"), curve(population(30)))


# ---- Errors of the rule ----------------------------------------------------------------------------------------------


def test_verdicts_against_the_truth_are_rare():
    """In lists of 8 claims, half of them true and half false at their very edge, few lists hold a wrong verdict."""
    lists, wrong = 60, 0
    for i in range(lists):
        rng, bad = np.random.default_rng(i), False
        for true in (True, False) * 4:
            a, b = (curve(30 + 4 * rng.gamma(2.0, 1.0, 32)) for _ in range(2))
            of = claim("mean_difference", 0) if true else claim("mean_difference", 1e-9)
            # means are equal: confirming the false claim, or contradicting the true one, is wrong
            bad |= judged(of, a, b, claims=8, resampling=Resampling(resamples=30)) == (
                CONTRADICTED if true else CONFIRMED
            )
        wrong += bad
    assert wrong / lists <= 0.15


def test_few_runs_give_an_estimate_and_no_verdict():
    for n, expected in ((15, UNDECIDED), (16, CONFIRMED)):
        a, b = curve(population(60, n, 1)), curve(population(40, n, 2))
        assert judged(claim("mean_difference", 0), a, b) == expected
        assert found(claim("mean_difference"), a, b).estimate > 10


def test_more_claims_make_wider_intervals():
    a, b = curve(population(40, seed=1)), curve(population(38, seed=2))
    alone, among = (found(claim("mean_difference"), a, b, claims=k) for k in (1, 48))
    assert among.low < alone.low < alone.high < among.high
    assert among.level == pytest.approx(1 - 0.05 / 48)
