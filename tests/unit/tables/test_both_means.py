"""Tables over all populations have both estimates of means, and the rule says which one decides."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.with_untrained import small_study
from netspaces.statistics.regression_estimate import difference
from netspaces.studies.study import Study
from netspaces.tables.summaries import comparisons, paper_against_ours, populations

PAIR = ["AnyNetX_A-base-short", "RegNetX-base-short"]
CLAIM = {
    "claim": "RegNetX errs less.",
    "quantity": "mean_difference",
    "range": [0, None],
    "populations": ["AnyNetX_A", "RegNetX"],
}


def claimed(**changes) -> Study:
    """The study with a claim about a difference of means, and one about something else."""
    study = small_study()
    curves = study.curves[:2]
    other = CLAIM | {"value": "depth"}
    return replace(
        study, panels={"means": curves, "depths": curves}, claims={"means": CLAIM, "depths": other}, **changes
    )


def test_populations_and_comparisons_have_both():
    study = small_study()
    means = [study.regression.mean(name) for name in PAIR]
    rows = populations.make(study).set_index("population")
    assert rows.loc[PAIR[0], ["regression", "n_eff", "decides"]].tolist() == [
        means[0].estimate,
        means[0].n_eff,
        "regression",
    ]
    pair = comparisons.make(study).iloc[0]
    expected = difference(*means, study.level)
    assert pair[["regression", "regression_low", "regression_high"]].tolist() == pytest.approx(
        [expected.estimate, expected.low, expected.high]
    )
    assert pair["regression_simultaneous_low"] < expected.low and pair["decides"] == "regression"
    assert pair["difference"] == pytest.approx(means[0].plain - means[1].plain)


def test_the_rule_decides_of_which_estimate_a_verdict_is():
    by_regression = paper_against_ours.make(claimed()).set_index("name")
    by_plain = paper_against_ours.make(claimed(decides_from=None)).set_index("name")
    means = [small_study().regression.mean(name) for name in PAIR]
    regression, plain = means[0].estimate - means[1].estimate, means[0].plain - means[1].plain
    for table, decides, expected in ((by_regression, "regression", regression), (by_plain, "plain", plain)):
        row = table.loc["means"]
        assert row["decides"] == decides and row["estimate"] == pytest.approx(expected)
        assert (row["plain"], row["regression"]) == pytest.approx((plain, regression))
        assert (row["low"], row["high"]) == pytest.approx((row[f"{decides}_low"], row[f"{decides}_high"]))
    row = by_regression.loc["means"]
    assert row["regression_high"] - row["regression_low"] < row["plain_high"] - row["plain_low"]
    assert pd.isna(by_regression.loc["depths", "decides"]) and np.isnan(by_regression.loc["depths", "regression"])


def test_without_untrained_networks_nothing_is_said_of_it():
    table = paper_against_ours.make(claimed(untrained={}))
    assert "decides" not in table and "Regression estimate" not in table.attrs["note"]
    assert "regression" not in populations.make(replace(small_study(), untrained={}))
