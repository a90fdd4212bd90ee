"""The table of what training budgets decide."""

import numpy as np
import pandas as pd
import pytest
from helpers.invented import STUDIES, study
from netspaces.statistics.components import components
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.samples import log_errors
from netspaces.studies.pairing import agreement_of, by_space
from netspaces.tables.critics import budget_numbers


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
