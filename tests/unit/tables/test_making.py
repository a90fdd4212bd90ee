"""Notes of tables and figures on a space of eight architectures, of which more networks are drawn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.invented import study
from helpers.small_spaces import small
from netspaces.figures.notes import runs_note
from netspaces.populations.table import architecture_keys, with_runs
from netspaces.spaces.sampling import sample
from netspaces.studies.networks import few_architectures
from netspaces.studies.study import Curve, Study
from netspaces.tables.making import make_table
from netspaces.training.store import run_keys

EIGHT = small(
    name="eight",
    stages=1,
    strides=[1],
    parameters={
        "depth": {"choice": [1, 2]},
        "width": {"choice": [32, 64]},
        "bottleneck": {"choice": [1, 2]},
        "group_width": 8,
    },
)


def curve(n: int) -> Curve:
    table = pd.DataFrame(sample(EIGHT, {}, 0, range(n)).columns())
    table = with_runs("eight-base-short", table.assign(architecture=architecture_keys(table)), {})
    errors = np.random.default_rng(0).gamma(2.0, 1.0, n)
    return Curve("eight", "eight", "eight-base-short", table.assign(error_min=errors, status="finished"), n)


def of(n: int) -> Study:
    return Study("few", "Few", {"spaces": [curve(n)]}, resamples=200)


def test_every_repetition_is_a_run_of_its_own():
    keys = run_keys(sample(EIGHT, {}, 0, range(32)), {"epochs": 1}, 0, "checksum")
    assert len(set(keys)) == 32 and curve(32).table["architecture"].nunique() == 8


@pytest.mark.parametrize("table", ["populations", "comparisons"])
def test_every_note_says_that_all_architectures_are_there(table):
    text = "64 networks of 8 architectures, most likely all of the space"
    assert f"Few architectures: eight-base-short: {text}." in make_table(table, of(64)).attrs["note"]
    assert runs_note(of(64).curves) == f"n = 64; eight: {text}"


def test_a_smaller_sample_says_how_many_there_are_about():
    few = curve(12)
    seen = few.table["architecture"].nunique()
    assert seen < 8 and few_architectures(few).startswith(f"12 networks of {seen} architectures, of about ")
    assert few_architectures(few).endswith(" or more in the space")
    assert few_architectures(replace(few, table=few.table.head(0))) == ""


def test_other_tables_stay_as_they_are():
    whole = study("fig07_monotone_widths_depths")
    assert "Few architectures" not in make_table("populations", whole).attrs["note"]
