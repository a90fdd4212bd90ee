"""How reliable one training is: a row per space, of the networks that all seeds have."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.invented import curve
from netspaces.statistics.reliability import reliability
from netspaces.studies.study import Study
from netspaces.tables.critics import reliability as module


def again(of, by: np.ndarray, n: int):
    table = of.table.iloc[:n]
    table = table.assign(error_min=table["error_min"] + by)
    return replace(of, population=f"{of.population}-r1", planned=n, table=table)


def test_the_networks_of_all_seeds_count():
    first, noise = curve("RegNetX"), np.linspace(-1, 1, 8)
    table = module.make(Study("seed_noise", "Seeds", {"spaces": [first, curve("AnyNetX_E"), again(first, noise, 8)]}))
    row, other = table.to_dict("records")
    expected = reliability(np.column_stack([first.errors[:8], first.errors[:8] + noise]))
    assert (row["space"], row["n"], row["seeds"], row["planned"]) == (first.label, 8, 2, 8)
    assert row["reliability"] == pytest.approx(expected.share.estimate)
    assert row["noise"] == pytest.approx(expected.noise)
    assert row["largest_gain"] == pytest.approx(1 / (1 - expected.share.estimate))
    assert other["seeds"] == 1 and np.isnan(other["reliability"])


def test_too_few_networks_have_no_numbers():
    first = curve("RegNetX")
    few = Study("seed_noise", "Seeds", {"spaces": [first, again(first, np.zeros(2), 2)]})
    (row,) = module.make(few).to_dict("records")
    assert row["n"] == 2 and np.isnan(row["noise"])
