"""Tables: rows that say what is there, counts that follow from definitions, and the same bytes every time."""

import math
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from helpers.invented import FIGURES, NETWORKS, SPACES, curve, definition, study
from netspaces.spaces.size import count
from netspaces.statistics.comparisons import compare
from netspaces.statistics.edf import edf
from netspaces.studies.study import Study
from netspaces.tables import TABLES
from netspaces.tables.paper import table01_design_spaces
from netspaces.tables.style import NOTHING, Column, latex, markdown, present, save, text
from netspaces.tables.summaries import comparisons, populations

ANYNETS = ["AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E"]
MODULES = {"populations": populations, "comparisons": comparisons}


def sizes(spaces: list[str], printed: pd.DataFrame | None = None) -> pd.DataFrame:
    definitions = {space: definition(space) for space in spaces}
    given = {} if printed is None else {"published": printed}
    return table01_design_spaces.make(Study("table01_design_spaces", "Sizes", definitions=definitions, **given))


def evaluate(formula: str) -> float:
    """The value of a printed product."""
    written = formula.replace("·", "*").replace("^", "**")
    for k in range(2, 9):
        written = written.replace(f"{k}!", str(math.factorial(k)))
    return eval(written, {"__builtins__": {}})


# ---- Table 1 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("space", SPACES)
def test_formula_has_the_value_of_the_papers_count(space):
    (row,) = sizes([space]).to_dict("records")
    assert evaluate(row["formula"]) == pytest.approx(count(definition(space)).paper_count)


def test_restrictions_in_the_papers_letters():
    found = sizes([*ANYNETS, "RegNetX", "RegNetX_w0_wa"]).set_index("space")["restriction"]
    assert found["AnyNetX_A"] == "none"
    assert found["AnyNetX_C"] == "shared b, g"
    assert set(found["AnyNetX_E"].split("; ")) == {"shared b, g", "w non-decreasing", "d non-decreasing"}
    assert found["RegNetX_w0_wa"] == "quantised linear; w_a = w_0"


def test_papers_sizes_stand_beside_ours():
    printed = pd.DataFrame({"space": ["AnyNetX_A"], "restriction": ["none"], "dimensions": [16]})
    table = sizes(ANYNETS, printed.assign(formula="(16·128·3·6)^4", count=1.8e18))
    assert table["published_count"].tolist()[0] == 1.8e18 and table["published_count"].isna().sum() == 4
    assert r"$(16 \cdot 128 \cdot 3 \cdot 6)^4$" in latex(table)
    assert "1.8e18" in markdown(table) and NOTHING in markdown(table)


# ---- Populations -----------------------------------------------------------------------------------------------------


def test_populations_count_runs_and_place_errors():
    table = populations.make(study("fig07_monotone_widths_depths", n=20, planned=32, diverged=3))
    assert table["population"].is_unique and len(table) == 6
    row, errors = table.iloc[0], curve("AnyNetX_C", n=20, diverged=3).errors
    assert row[["n", "planned", "finished", "diverged", "distinct"]].tolist() == [20, 32, 17, 3, 20]
    assert (row["minimum"], row["mean"], row["median"]) == (errors.min(), errors.mean(), np.median(errors))
    assert row["mean_low"] < row["mean"] < row["mean_high"] and 0 < row["better_high"] < edf(errors).half_width
    assert row["best_5_percent"] == np.sort(errors)[0] and row["careful"].startswith("n < 50")
    assert np.isnan(populations.make(study("fig07_monotone_widths_depths", n=19)).iloc[0]["best_5_percent"])
    assert row[["published_minimum", "published_mean"]].tolist() == [38.0, 49.0]


def test_duplicates_count_once_as_distinct():
    of = study("fig02_anynet_statistics")
    of.panels["spaces"][0].table.loc[1, "duplicate_of"] = 0
    row = populations.make(of).iloc[0]
    assert (row["n"], row["distinct"]) == (NETWORKS, NETWORKS - 1)


def test_runs_in_two_precisions_are_said():
    of, said = study("fig07_monotone_widths_depths", n=20), "Not all in one precision"
    assert said not in markdown(populations.make(of))
    for curves in of.panels.values():
        for each in curves:
            each.table["precision"] = ["bf16"] * 5 + ["fp32"] * 15
    assert f"{said}: 30 runs in bf16 and 90 runs in fp32." in markdown(populations.make(of))
    for curves in of.panels.values():
        for each in curves:
            each.table["precision"] = "bf16"
    assert said not in markdown(populations.make(of))


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_few_runs_leave_cells_empty(module, n):
    table = module.make(study("fig05_shared_bottleneck_group_width", published=False, n=n, planned=8))
    assert len(table) == (3 if module is populations else 2)
    known = table["mean_low" if module is populations else "p_mean"].notna()
    assert known.all() if n == 2 else not known.any()
    empty = n < 2 or module is populations  # which has no best 5 % of so few
    assert (NOTHING in markdown(table)) == empty and not [name for name in table if name.startswith("published")]


def test_summaries_name_panels_by_study():
    of = study("populations", {"fig23_block_types/blocks": ["RegNetX", "RegNetR"]}, published=False)
    rows = [("fig09_regnet", "spaces", "RegNetX", 1.0, 2.0), ("fig23_block_types", "blocks", "RegNetX", 3.0, 4.0)]
    printed = pd.DataFrame(rows, columns=["study", "panel", "space", "min", "mean"])
    of = Study(of.name, of.title, of.panels, resamples=100, published=printed)
    assert populations.make(of)["published_mean"].tolist()[0] == 4.0
    assert np.isnan(populations.make(of)["published_mean"].tolist()[1])


# ---- Comparisons -----------------------------------------------------------------------------------------------------


def test_comparisons_are_pairs_within_panels_as_one_family():
    of = study("fig05_shared_bottleneck_group_width")
    table = comparisons.make(of)
    assert list(zip(table["a"], table["b"], strict=True)) == [("AnyNetX_A", "AnyNetX_B"), ("AnyNetX_B", "AnyNetX_C")]
    errors = {name: curve(name).errors for name in ANYNETS[:3]}
    pairs = [("AnyNetX_A", "AnyNetX_B"), ("AnyNetX_B", "AnyNetX_C")]
    expected = compare(errors, pairs, resampling=of.resampling)
    columns = ["difference", "low", "high", "p_mean", "p_mean_corrected", "ks", "p_ks_corrected", "superiority"]
    np.testing.assert_allclose(table[columns].astype(float), expected[columns])
    assert table["pairs"].tolist() == [2, 2] and "Holm" in table.attrs["note"] and "one study" in table.attrs["note"]
    assert table["published_difference"].tolist() == [0.0, 0.0]


def test_a_pair_in_two_panels_is_compared_once():
    of = study("x", {"one": ["AnyNetX_A", "AnyNetX_B"], "two": ["AnyNetX_B", "AnyNetX_A"]})
    assert len(comparisons.make(of)) == 1


def test_a_study_is_a_family_of_its_own():
    """What else is in the run changes nothing of a study of one pair, nor does a study that has the same pair."""
    own = {"own/a": ["AnyNetX_A", "RegNetX"]}
    others = {"fig07/a": ["AnyNetX_A", "RegNetX", "AnyNetX_D"], "fig07/b": ["AnyNetX_E", "AnyNetX_C"]}
    alone, among = (comparisons.make(study("comparisons", panels)) for panels in (own, others | own))
    assert among["pairs"].tolist() == [4, 4, 4, 4, 1] and len(among) == 5
    pd.testing.assert_frame_equal(among.tail(1).reset_index(drop=True), alone, check_dtype=False)
    (row,) = alone.to_dict("records")
    assert (row["p_mean_corrected"], row["p_ks_corrected"]) == (row["p_mean"], row["p_ks"])
    assert (row["simultaneous_low"], row["simultaneous_high"]) == (row["low"], row["high"])
    same = among[among["population_b"] == "RegNetX-base-short"]
    assert same["difference"].nunique() == 1 and same["p_mean_corrected"].nunique() == 2


# ---- Columns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_every_column_says_what_it_means(name):
    columns = import_module(TABLES.modules[name]).COLUMNS
    assert all(column.meaning and not column.meaning.endswith(".") for column in columns.values())
    headers = [column.header for column in columns.values() if column.header]
    assert headers and len(set(headers)) == len(headers)


def test_a_table_has_its_columns_in_order_and_prints_those_with_a_header():
    columns = {"a": Column("first", "A"), "b": Column("second"), "c": Column("third", "C", "integer")}
    table = present(pd.DataFrame({"c": [1.0], "a": ["x"], "other": [0]}), "caption", "note", columns)
    assert list(table) == ["a", "b", "c"] and table["b"].isna().all()
    assert table.attrs["headers"] == {"a": "A", "c": "C"} and table.attrs["formats"] == {"a": "text", "c": "integer"}


# ---- Files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_same_study_gives_same_bytes(module, tmp_path):
    of = study("fig09_regnet", FIGURES["fig09_regnet"])
    paths = [save(module.make(of), tmp_path / name) for name in "ab"]
    assert [path.suffix for path in paths[0]] == [".html", ".csv", ".md", ".tex"]
    assert [path.read_bytes() for path in paths[0]] == [path.read_bytes() for path in paths[1]]


def test_files_hold_every_row(tmp_path):
    table = sizes(ANYNETS)
    html, csv, md, tex = (path.read_text() for path in save(table, tmp_path / "table"))
    for content in (html, csv, md):
        assert all(content.count(name) == 1 for name in ANYNETS)
    assert tex.count(r"AnyNetX\_A") == 1 and r"\toprule" in tex and tex.count(r" \\") == 1 + len(ANYNETS)
    written = pd.read_csv(tmp_path / "table.csv")
    assert written["exact_count"].tolist() == pytest.approx(table["exact_count"].tolist(), rel=1e-9)


def test_a_plain_table_prints_as_it_is(tmp_path):
    plain = pd.DataFrame({"a|b": ["x & y", "50 %"], "n": [1, 2]})
    assert r"a\|b" in markdown(plain) and r"x \& y" in latex(plain)


@pytest.mark.parametrize(
    "value, kind, expected",
    [(6.87e16, "count", "6.9e16"), (2e-5, "p", "< 0.001"), (0.0412, "p", "0.041"), (-0.04, "percent", "0.0")]
    + [(np.nan, "percent", NOTHING), (None, "text", NOTHING), (0.456, "share", "0.46"), (16.0, "integer", "16")],
)
def test_cells(value, kind, expected):
    assert text(value, kind) == expected
