"""The table of populations that are drawn in two phases: weighted numbers, and none where a stratum has no runs."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.invented import curve
from helpers.two_phases import chosen
from netspaces.studies.study import Study, explained
from netspaces.tables.summaries import two_phase


def study(runs: int = 12) -> Study:
    return Study("two_phase", "Two phases", {"populations": [chosen("RegNetX_w0_wa", runs)]})


def test_each_network_counts_as_those_that_it_stands_for():
    (row,) = two_phase.make(study()).to_dict("records")
    assert row["mean"] == pytest.approx(0.95 * 7 + 0.05 * 35) and row["low"] < row["mean"] < row["high"]
    assert row["n"] == 12 and row["free"] == 2000 and row["strata"] == "8 of 1900, 4 of 100"
    assert row["quantile_50"] < 8 and row["quantile_50_low"] <= row["quantile_50"] <= row["quantile_50_high"]
    assert row["error"] < row["simple_error"] and row["gain"] == pytest.approx(row["n_simple"] / 12)


@pytest.mark.parametrize("runs, strata", [(9, "8 of 1900, 1 of 100"), (8, "8 of 1900"), (0, "")])
def test_without_two_runs_of_each_stratum_there_is_no_mean(runs, strata):
    (row,) = two_phase.make(study(runs)).to_dict("records")
    assert row["n"] == runs and row["strata"] == strata and np.isnan(row["mean"])


def test_runs_that_are_missing_leave_the_shares_as_they_are():
    of = study()
    (shown,) = of.panels["populations"]
    fewer = replace(of, panels={"populations": [replace(shown, table=shown.table.drop([0, 7]))]})
    assert two_phase.make(fewer)["mean"].item() == pytest.approx(0.95 * 7 + 0.05 * 35)


def test_no_population_says_how_to_draw_one_and_an_ordinary_one_is_refused():
    table = explained(two_phase.make, Study("two_phase", "", {"populations": []}), two_phase.WANTS)
    assert table.empty and "make two_phase" in table.attrs["note"]
    with pytest.raises(ValueError, match="RegNetX.* is not drawn in two phases"):
        explained(two_phase.make, Study("mine", "", {"populations": [curve("RegNetX")]}), two_phase.WANTS)
