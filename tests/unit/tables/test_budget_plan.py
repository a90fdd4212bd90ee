"""The plan of few long and many short trainings: what it says of a pilot, before one, and of too few runs."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from helpers.with_untrained import TRAINED, curve, small_study
from netspaces.statistics.multi_fidelity import Levels, best_split, controlled_mean, pearson, variance_multiplier
from netspaces.studies.study import Curve, Study
from netspaces.tables.critics import budget_plan as module


@cache
def budgets(noise: float, n_long: int, untrained: bool) -> Study:
    """One space whose networks were trained for 5 and for 50 epochs, the latter with some noise."""
    short, table = replace(curve("RegNetX"), epochs=5), curve("RegNetX", "medium").table
    luck = np.random.default_rng(0).normal(0, noise, TRAINED)
    table = table.assign(error_min=table["error_min"] / 2 + luck).head(n_long)
    long = Curve("RegNetX", "RegNetX", "RegNetX-base-medium", table, 100, recipe="medium", epochs=50)
    study = replace(small_study(), name="budget_plan", panels={"budgets": [short, long]})
    return study if untrained else replace(study, untrained={})


@cache
def rows(noise: float, n_long: int, untrained: bool = False) -> dict[str, dict]:
    """The rows of the space, by control."""
    found = module.make(budgets(noise, n_long, untrained)).to_dict("records")
    return {row["control"]: row for row in found if row["space"] != module.ANY}


def test_a_pilot_that_agrees_has_a_plan():
    row = rows(0.05, 12)[module.SHORT]
    short, long = (one.errors[:12] for one in budgets(0.05, 12, False).panels["budgets"])
    assert (row["short"], row["long"], row["n"], row["cost_ratio"], row["budget"]) == (5, 50, 12, 0.1, 100)
    fisher = pearson(short, long)
    assert row["correlation"] == pytest.approx(fisher.estimate) and row["low"] <= fisher.low
    split = best_split(fisher.estimate, 0.1, 100)
    assert (row["verdict"], row["n_long"], row["n_short"]) == ("gain", split.n_long, split.n_short)
    assert row["error"] == pytest.approx(long.std(ddof=1) * np.sqrt(split.variance))
    assert row["error_alone"] == pytest.approx(long.std(ddof=1) / 10)
    assert row["multiplier"] < row["multiplier_low"] < 1
    assert row["bias"] == pytest.approx((short - long).mean())


def test_a_pilot_that_does_not_agree_says_no_gain():
    row = rows(5.0, TRAINED)[module.SHORT]
    assert row["low"] < row["needed"] < 1
    assert (row["verdict"], row["n_long"], row["n_short"], row["multiplier"]) == ("no gain", 100, 0, 1)
    assert row["error"] == row["error_alone"]


def test_structure_that_is_fitted_to_short_trainings_corrects_long_ones_at_no_cost():
    study = budgets(0.05, 12, True)
    row, by_short = (rows(0.05, 12, True)[control] for control in (module.STRUCTURE, module.SHORT))
    predicted, long = study.regression.predicted["RegNetX-base-short"], study.panels["budgets"][1].errors
    assert row["correlation"] == pytest.approx(np.corrcoef(predicted.fitted[:12], long)[0, 1])
    assert (row["n"], row["needed"], row["cost_ratio"]) == (12, 0, 0)
    assert row["multiplier"] == pytest.approx(variance_multiplier(row["correlation"], 0) if row["low"] > 0 else 1)
    shares = np.bincount(predicted.folds[:12], minlength=len(predicted.by_fold)) / 12
    mean = controlled_mean(long, predicted.fitted[:12], shares @ predicted.by_fold)
    found = mean.interval(0.95)
    assert [row["mean"], row["mean_low"], row["mean_high"]] == pytest.approx([found.estimate, found.low, found.high])
    assert (row["others"], by_short["others"]) == (predicted.by_fold.shape[1], TRAINED - 12)


def test_short_trainings_beside_structure_count_by_what_they_tell_beyond_it():
    study = budgets(0.05, 12, True)
    row, structure = (rows(0.05, 12, True)[control] for control in (module.BESIDE, module.STRUCTURE))
    predicted, long = study.regression.predicted["RegNetX-base-short"], study.panels["budgets"][1].errors
    levels = Levels(long, predicted.fitted, study.panels["budgets"][0].errors, predicted.untrained)
    short, left = levels.beyond_predictions()
    assert row["correlation"] == pytest.approx(np.corrcoef(short, left)[0, 1])
    assert (row["n"], row["others"], row["cost_ratio"]) == (12, TRAINED - 12, 0.1)
    assert (row["verdict"] == "gain") == (row["low"] > row["needed"])
    assert row["multiplier"] <= structure["multiplier"] + 1e-9
    assert (row["multiplier"] < structure["multiplier"]) == (row["verdict"] == "gain")
    assert row["error"] == pytest.approx(row["error_alone"] * np.sqrt(row["multiplier"]))
    found = levels.mean().interval(0.95)
    assert [row["mean"], row["mean_low"], row["mean_high"]] == pytest.approx([found.estimate, found.low, found.high])
    without = rows(0.05, 12)[module.BESIDE]
    assert without["n"] == 0 and np.isnan(without["correlation"])


def test_before_a_pilot_there_are_rows_for_assumed_correlations():
    table = module.make(budgets(0.05, 12, False))
    assumed = table[table["space"] == module.ANY].set_index("correlation")
    assert list(assumed.index) == list(module.ASSUMED)
    split = best_split(0.9, 0.1, 100)
    assert assumed.loc[0.9, ["n_long", "n_short", "verdict"]].tolist() == [split.n_long, split.n_short, "gain"]
    assert assumed.loc[0.5, "verdict"] == "no gain" and assumed["error"].isna().all()
    structure = table[table["control"] == module.STRUCTURE].iloc[0]
    assert structure["n"] == 0 and np.isnan(structure["correlation"])


@pytest.mark.parametrize("n_long", [0, 3])
def test_too_few_long_trainings_leave_cells_empty(n_long):
    row = rows(0.05, n_long)[module.SHORT]
    assert row["n"] == n_long and np.isnan([row["correlation"], row["error"], row["mean"]]).all()
    assert row["verdict"] != row["verdict"]
