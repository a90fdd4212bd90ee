"""All claims in one figure: rows of claims with limits, lines that cross 0 exactly where nothing is decided."""

import numpy as np
import pandas as pd
from helpers.claimed import claims_study
from netspaces.figures.drawing import save
from netspaces.figures.general.claims_forest import COLUMNS, KINDS, REACH, draw
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED, UNDECIDED
from netspaces.studies.study import Study
from netspaces.tables.summaries.paper_against_ours import claims_table

NAMES = ("regnet_beats_a", "a_b_alike", "decreasing_widths", "wide_last_stage", "size_of_e", "blocks", "growing_widths")


def study(claims: pd.DataFrame) -> Study:
    return Study("claims_forest", "All claims", inputs={"claims": claims})


def invented(rows: list[tuple]) -> pd.DataFrame:
    names = ["name", "chapter", "estimate", "low", "high", "range_low", "range_high", "verdict"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(likely=table["verdict"], likely_low=table["low"], likely_high=table["high"])


ROWS = [
    ("surely", "a", 5.0, 3.0, 8.0, 1.0, np.inf, CONFIRMED),
    ("perhaps", "a", 2.0, 0.5, 3.0, 1.0, np.inf, UNDECIDED),
    ("not", "b", 4.0, 3.5, 4.5, 0.0, 3.0, CONTRADICTED),
    ("below", "a", -2.0, -4.0, -1.0, -np.inf, 0.0, CONFIRMED),
    ("exact", "a", 7.0, 7.0, 7.0, 6.0, np.inf, CONFIRMED),
    ("no limits", "a", 7.0, np.nan, np.nan, 6.0, np.inf, UNDECIDED),
    ("no runs", "b", np.nan, np.nan, np.nan, 6.0, np.inf, "no runs"),
]


def test_claims_with_limits_are_rows_by_chapter_from_the_surest():
    drawn = draw(study(invented(ROWS))).data
    assert drawn["series"].tolist() == ["surely", "below", "perhaps", "not"]
    assert drawn["x"].tolist() == [2.0, 2.0, 1 / 1.5, -2.0]
    assert drawn["lower"].tolist() == [1.0, 1.0, -1 / 3, -3.0]
    assert drawn["upper"].tolist() == [3.5, REACH, 4 / 3, -1.0]
    assert set(drawn["kind"]) == set(KINDS) and set(COLUMNS) <= set(drawn)


def test_of_the_claims_that_ship_a_line_crosses_the_end_of_its_range_where_nothing_is_decided():
    drawn = draw(study(claims_table(claims_study(NAMES)))).data
    assert {"regnet_beats_a", "blocks"} <= set(drawn["series"]) and "size_of_e" not in set(drawn["series"])
    for row in drawn.itertuples():
        crosses = row.lower < 0 < row.upper
        assert crosses == (row.verdict == UNDECIDED), row.series


def test_no_claim_with_limits_is_an_empty_figure_and_equal_claims_give_equal_bytes(tmp_path):
    assert draw(study(invented(ROWS[4:]))).data.empty
    one, other = (save(draw(study(invented(ROWS))), tmp_path / name / "forest") for name in "ab")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
