"""Which verdicts survive another choice: each choice changes what it says, and nothing else."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from helpers.invented import curve
from helpers.with_untrained import small_study
from netspaces.statistics.cross_fitting import cross_fit
from netspaces.studies import regression
from netspaces.studies.claims.claim import CONFIRMED, UNDECIDED
from netspaces.studies.study import Study
from netspaces.tables.making import make_table
from netspaces.tables.summaries import paper_against_ours, sensitivity
from sklearn.linear_model import Ridge

WHAT = {"source": "figure", "quantity": "mean_difference", "populations": ["A", "B"]}
CLAIMS = {
    "worse": {"claim": "A is worse", **WHAT, "range": [0, None]},
    "far_worse": {"claim": "A is far worse", **WHAT, "range": [3, None]},
    "widths": {"claim": "A has more parameters", **WHAT, "value": "params", "range": [0, None]},
    "gone": {"claim": "of no run", **WHAT, "range": [0, None]},
}


def sample(errors: np.ndarray, name: str):
    of = curve("RegNetX")
    table = of.table.iloc[: len(errors)].assign(error_min=errors, error=errors + 1.0)
    return replace(of, label=name, population=name, table=table, planned=len(errors))


def study(worse: np.ndarray, better: np.ndarray) -> Study:
    pair = [sample(worse, "A"), sample(better, "B")]
    panels = {"worse": pair, "far_worse": pair, "widths": pair, "gone": []}
    return Study("sensitivity", "Choices", panels, resamples=500, claims=CLAIMS)


def test_a_row_per_claim_about_errors_with_a_verdict():
    rng = np.random.default_rng(0)
    of = study(12 + rng.normal(size=24), 8 + rng.normal(size=24))
    table = make_table("sensitivity", of).set_index("name")
    stated = paper_against_ours.claims_table(of).set_index("name")["verdict"]
    assert list(table.index) == ["worse", "far_worse"]
    assert table["stated"].tolist() == stated[["worse", "far_worse"]].tolist()
    choices = [name for name in sensitivity.CHOICES if name != "plain"]  # nothing is predicted
    assert (table.loc["worse", choices] == CONFIRMED).all() and table.loc["worse", "changes"] == 0
    assert table.loc["worse", "tried"] == len(choices)
    assert table.loc["far_worse", ["superiority", "logarithm"]].isna().all()  # a sign says nothing of 3 points


def test_one_network_may_carry_a_verdict():
    rng = np.random.default_rng(1)
    better = 8 + 0.1 * rng.normal(size=24)
    worse = better + 0.5
    better[-1] = 80.0
    row = sensitivity.make(study(worse, better)).set_index("name").loc["worse"]
    assert row["stated"] == UNDECIDED
    assert row["without_worst"] == row["median"] == row["superiority"] == CONFIRMED
    assert row["another_seed"] == UNDECIDED and row["changes"] >= 3


@pytest.mark.parametrize("n", [0, 1, 8])
def test_few_runs_have_no_verdict_to_change(n):
    table = sensitivity.make(study(np.arange(1.0, n + 1), np.arange(n + 0.0)))
    assert n == 8 or table.empty
    assert table.get("changes", np.zeros(1)).sum() == 0


def test_repeated_architectures_count_once():
    errors = np.r_[np.full(12, 9.0), np.arange(12.0)]
    of = sample(errors, "A")
    repeated = of.table.assign(duplicate_of=[None, *[0] * 11, *[None] * 12]).astype({"duplicate_of": "Int64"})
    clustered = sensitivity._clustered(replace(of, table=repeated))
    assert clustered.errors.tolist() == [9.0, *range(12)]


def test_the_stated_verdict_is_of_the_mean_that_decides_and_plain_means_are_a_choice(monkeypatch):
    monkeypatch.setattr(regression, "cross_fit", partial(cross_fit, model=Ridge))  # quicker than trees
    curves = small_study().curves[:2]
    of = Study(
        "sensitivity",
        "Choices",
        {"worse": curves, "equal": curves[::-1]},
        resamples=100,
        claims={name: CLAIMS["worse"] for name in ("worse", "equal")},
        untrained=small_study().untrained,
        covariates=small_study().covariates,
        decides_from=0.25,
    )
    stated, plain = (replace(of, decides_from=share) for share in (0.25, None))
    expected = [paper_against_ours.claims_table(each).set_index("name")["verdict"] for each in (stated, plain)]
    table = sensitivity.make(of).set_index("name")
    assert table["stated"].tolist() == expected[0].tolist() and table["plain"].tolist() == expected[1].tolist()
