"""Claims about populations in two phases: weighted means, the others' own estimates, and what does not weigh."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.with_untrained import curve, small_study
from netspaces.populations.strata import with_strata
from netspaces.studies.claims.claim import CONFIRMED, NO_RUNS, NOT_COMPUTABLE
from netspaces.studies.regression import predictions_of
from netspaces.studies.study import Curve, Study
from netspaces.tables.summaries import two_phase_claims

STRATA = [
    {"from": 5.0, "free": 1900, "indices": list(range(12))},
    {"from": 12.5, "free": 100, "indices": list(range(12, 16))},
]
ERRORS = np.r_[np.linspace(26, 28, 12), 60.0, 62.0, 64.0, 66.0]
MEAN = 0.95 * 27 + 0.05 * 63


def weighed(space: str, runs: int = 16) -> Curve:
    """A population in two strata, the first runs of it."""
    of = curve(space)
    table = with_strata(of.table.assign(error_min=ERRORS, index=range(16)), STRATA)[:runs]
    return replace(of, population=f"{of.population}-two_phase", table=table)


def claim(quantity: str = "mean_difference", **more) -> dict:
    return {"claim": "x", "source": "here", "quantity": quantity, "populations": ["a", "b"], "range": [0, None]} | more


def table(claims: dict, panels: dict, of: Study | None = None) -> pd.DataFrame:
    study = replace(of or Study("two_phase_claims", "Two phases"), panels=panels, claims=claims, resamples=200)
    return two_phase_claims.make(study).set_index("name")


def test_means_are_weighted_and_others_are_as_they_were():
    other = curve("AnyNetX_A")
    (row,) = table({"x": claim()}, {"x": [other, weighed("RegNetX")]}).to_dict("records")
    assert row["estimate"] == pytest.approx(other.errors.mean() - MEAN) and row["n"] == "16"
    assert row["low"] < row["estimate"] < row["high"] and row["verdict"] != NOT_COMPUTABLE
    assert row["populations"] == "AnyNetX_A-base-short RegNetX-base-short-two_phase"
    plain = replace(other, table=other.table.assign(error_min=ERRORS + 40))
    (row,) = table({"x": claim()}, {"x": [plain, weighed("RegNetX")]}).to_dict("records")
    assert row["verdict"] == CONFIRMED


def test_the_regression_estimate_of_the_others_stands_beside_the_weighted_mean():
    alone = small_study()
    study = replace(alone, predictions=predictions_of(alone))  # made beforehand, as the workflow does
    (row,) = table({"x": claim()}, {"x": [study.curves[0], weighed("RegNetX")]}, study).to_dict("records")
    expected = study.regression.mean("AnyNetX_A-base-short")
    assert row["decides"] == "regression" and row["regression"] == pytest.approx(expected.estimate - MEAN)
    assert row["plain"] == pytest.approx(expected.plain - MEAN) and row["estimate"] == row["regression"]
    both = {"x": [weighed("RegNetX"), replace(weighed("RegNetX"), population="other-two_phase")]}
    (row,) = table({"x": claim()}, both, study).to_dict("records")
    assert row["estimate"] == 0 and pd.isna(row["decides"]) and np.isnan(row["regression"])


def test_what_does_not_weigh_networks_and_what_lacks_runs_say_so():
    claims = {
        "best": claim("best_value", value="depth", populations=["a"]),
        "values": claim(value="depth"),
        "few": claim(),
        "half": claim(),
    }
    panels = {
        "best": [weighed("RegNetX")],
        "values": [weighed("RegNetX"), curve("AnyNetX_A")],
        "few": [weighed("RegNetX", 13), curve("AnyNetX_A")],
        "half": [weighed("RegNetX")],
    }
    made = table(claims, panels)
    assert made["verdict"].tolist() == [NOT_COMPUTABLE] * 2 + [NO_RUNS] * 2
    assert made["reason"].tolist() == [
        *["a quantity that does not weigh networks"] * 2,
        "fewer than 2 runs of a stratum",
        "1 of 2 populations are no part of this run",
    ]
    assert made["n"].tolist() == ["16", "16", "13 of 16, 16", "16, 0"]


def test_without_such_claims_the_table_is_empty_and_says_why():
    empty = two_phase_claims.make(Study("two_phase_claims", "", {}))
    assert empty.empty and "make two_phase" in empty.attrs["note"]
