"""The table of all claims: what it lists, counts and says when something is missing."""

import pandas as pd
import pytest
from helpers.invented import curve, definition, times
from netspaces.studies.claims.claim import CONFIRMED, NO_RUNS, NOT_MEASURED, UNDECIDED
from netspaces.studies.study import Study
from netspaces.tables.style import markdown
from netspaces.tables.summaries import paper_against_ours

CLAIMS = {
    name: {
        "claim": name,
        "source": "figure",
        "quantity": "mean_difference",
        "populations": list(pair),
        "range": [0, None],
    }
    for name, pair in (
        ("there", ("AnyNetX_A", "AnyNetX_E")),
        ("half", ("AnyNetX_A", "Nowhere")),
        ("gone", ("No", "Where")),
    )
}
CLAIMS["fit"] = {**CLAIMS["there"], "value": "e_fit", "published": 0.5}


def table(names=tuple(CLAIMS), n: int = 24) -> pd.DataFrame:
    there = {"there": ("AnyNetX_A", "AnyNetX_E"), "half": ("AnyNetX_A",), "gone": (), "fit": ("AnyNetX_A", "AnyNetX_E")}
    panels = {name: [curve(space, n=n, planned=24) for space in there[name]] for name in names}
    definitions = {space: definition(space) for space in ("AnyNetX_A", "AnyNetX_E")}
    of = Study("claims", "Claims", panels, resamples=200, definitions=definitions, claims=CLAIMS)
    return paper_against_ours.make(of).set_index("name")


def test_the_table_lists_all_claims_and_what_is_there():
    made = table()
    assert list(made.index) == list(CLAIMS)
    assert made["verdict"].tolist()[1:3] == [NO_RUNS] * 2 and made["verdict"].tolist()[0] in (CONFIRMED, UNDECIDED)
    assert made["n"].tolist() == ["24", "24, 0", "0", "24"]
    assert made.loc["fit", ["published", "range"]].tolist() == ["0.5", "≥ 0"]
    assert (made["claims"] == 4).all()
    assert "no runs" in markdown(made.reset_index())


def test_a_verdict_does_not_depend_on_other_populations():
    columns = ["estimate", "low", "high", "level", "verdict"]
    pd.testing.assert_frame_equal(table().loc[["fit"], columns], table(("fit",)).loc[["fit"], columns])


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_partial_populations_are_counted(n):
    made = table(n=n)
    assert made.loc["there", "n"] == f"{n} of 24"
    assert made.loc["there", "verdict"] == (NO_RUNS if n < 2 else UNDECIDED)


def test_the_same_inputs_give_the_same_table():
    pd.testing.assert_frame_equal(table(), table())


def test_times_come_from_measurements():
    timed = curve("RegNetX", regime="sweep_1", recipe="medium")
    claims = {"time": {**CLAIMS["there"], "quantity": "correlation", "value": "time", "against": ["activations"]}}
    claims["time"] |= {"populations": ["RegNetX"], "range": [0.5, 1]}
    for inputs in ({}, {timed.population: times(timed)}):
        of = Study("claims", "Claims", {"time": [timed]}, resamples=200, inputs=inputs, claims=claims)
        (row,) = paper_against_ours.make(of).to_dict("records")
        assert row["verdict"] == (CONFIRMED if inputs else NO_RUNS)
        assert row["reason"] == ("" if inputs else "no time of RegNetX-sweep_1-medium")


def test_a_claim_without_a_measurement_says_why():
    claims = {"never": {"claim": "x", "source": "table 7", "unmeasured": "no run trains it", "chapter": "appendix"}}
    (row,) = paper_against_ours.make(Study("claims", "Claims", claims=claims)).to_dict("records")
    assert [row[key] for key in ("verdict", "reason", "chapter", "n")] == [
        NOT_MEASURED,
        "no run trains it",
        "appendix",
        "",
    ]


@pytest.mark.parametrize(("pixels", "expected"), [(8, NOT_MEASURED), (224, NO_RUNS)])
def test_a_number_for_images_of_one_size_is_not_asked_of_others(pixels, expected):
    claims = {"law": CLAIMS["gone"] | {"resolution": 224}}
    of = Study("claims", "Claims", claims=claims, preset={"dataset": {"resolution": pixels}})
    (row,) = paper_against_ours.make(of).to_dict("records")
    assert row["verdict"] == expected
    assert ("224 pixels; here they have 8" in row["reason"]) == (expected == NOT_MEASURED)
