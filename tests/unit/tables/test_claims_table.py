"""The table of all claims: what it lists, counts and says when something is missing."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from helpers.claimed import claims_study, one_per_quantity
from helpers.invented import curve, definition, times
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.studies.claims.claim import CONFIRMED, NO_RUNS, NOT_COMPUTABLE, NOT_MEASURED, UNDECIDED
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
    assert (made["claims"] == 4).all() and (made["family"] == 2).all()
    assert "no runs" in markdown(made.reset_index())


def test_what_is_measured_does_not_depend_on_other_populations():
    columns = ["estimate", "p", "p_confirmed", "p_contradicted", "resamples"]
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


@pytest.mark.parametrize(("device", "expected"), [("cpu", NOT_MEASURED), ("cuda", NO_RUNS)])
def test_times_that_are_meant_on_a_gpu_are_not_asked_of_a_cpu(device, expected):
    claims = {"time": CLAIMS["gone"] | {"device": "cuda"}}
    (row,) = paper_against_ours.make(Study("claims", "Claims", claims=claims, preset={"device": device})).to_dict(
        "records"
    )
    assert row["verdict"] == expected
    assert ("times on cuda; here they are measured on cpu" in row["reason"]) == (device == "cpu")


def test_a_range_may_be_the_margin():
    claims = {"alike": CLAIMS["gone"] | {"range": "margin"}}
    (row,) = paper_against_ours.make(Study("claims", "Claims", claims=claims, margin=0.7)).to_dict("records")
    assert (row["range_low"], row["range_high"], row["range"]) == (-0.7, 0.7, "-0.7 to 0.7")


# ---- Claims that cannot be computed ----------------------------------------------------------------------------------


def failing(column: object) -> Study:
    """Two claims that can be computed and, between them, one on an imported population with another column."""
    foreign = replace(curve("AnyNetX_A"), regime="imported", population="theirs-imported-csv")
    table = foreign.table.drop(columns="width_4") if column is None else foreign.table.assign(width_4=column)
    foreign = replace(foreign, table=table)
    claims = {"one": CLAIMS["there"], "bad": CLAIMS["there"] | {"quantity": "best_exponent", "value": "width_4"}}
    claims["two"] = CLAIMS["there"]
    good = [curve("AnyNetX_A"), curve("AnyNetX_E")]
    panels = {"one": good, "bad": [foreign, good[1]], "two": good}
    definitions = {space: definition(space) for space in ("AnyNetX_A", "AnyNetX_E")}
    return Study("claims", "Claims", panels, resamples=200, definitions=definitions, claims=claims)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("wide", "value: column width_4 of theirs-imported-csv holds text, expected numbers"),
        (0.0, "width_4 is not above 0 in all networks, as logarithms need"),
        (None, "no width_4 of theirs-imported-csv"),
    ],
)
def test_a_claim_that_cannot_be_computed_costs_its_own_row(column, expected, capsys):
    made = paper_against_ours.make(failing(column))
    assert made["verdict"].tolist()[1] == NOT_COMPUTABLE and made["reason"].tolist()[1] == expected
    assert "1 not computable" in made.attrs["note"]
    assert ("Traceback" in capsys.readouterr().err) == (column is not None)
    alone = failing(column)
    del alone.claims["bad"]
    columns = ["estimate", "verdict", "n"]
    expected_rows = paper_against_ours.make(alone)[columns]
    pd.testing.assert_frame_equal(made.iloc[[0, 2]][columns].reset_index(drop=True), expected_rows)
    assert "not computable" not in paper_against_ours.make(alone).attrs["note"]


def test_fits_of_networks_without_a_known_structure_are_not_computable():
    of = failing(1.0)
    of.claims["bad"] = CLAIMS["there"] | {"value": "e_fit"}
    foreign = of.panels["bad"][0]
    table = foreign.table.drop(columns=foreign.table.filter(regex=r"^(depth|width)_\d$").columns)
    of.panels["bad"] = [replace(foreign, table=table), of.panels["bad"][1]]
    made = paper_against_ours.make(of)
    assert made["verdict"].tolist()[1] == NOT_COMPUTABLE and made["reason"].tolist()[1]


def test_a_quantity_of_a_user_that_fails_costs_its_own_row(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text(
        "from netspaces.studies.claims.quantity import PopulationQuantity\n"
        "def measure(samples, claim, resampling):\n    return {}['nothing']\n"
        "QUANTITY = PopulationQuantity(measure, fewest=2, most=2)\n"
    )
    load_plugins([str(path)])
    try:
        of = failing(1.0)
        of.claims["bad"] = CLAIMS["there"] | {"quantity": "broken"}
        made = paper_against_ours.make(of)
    finally:
        forget_plugins()
    assert made["reason"].tolist()[1] == "KeyError: 'nothing'" and (made["verdict"] == NOT_COMPUTABLE).sum() == 1


def test_claims_that_ship_have_the_numbers_that_they_had():
    """The stored table holds one claim that ships per quantity, and some more, on invented populations."""
    stored = pd.read_csv(Path(__file__).parent / "claims_on_invented.csv")
    made = paper_against_ours.make(claims_study(one_per_quantity()))
    made = pd.read_csv(StringIO(made.to_csv(index=False, float_format="%.10g")))
    pd.testing.assert_frame_equal(made, stored, rtol=1e-7)
