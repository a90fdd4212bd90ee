"""The bad end of populations: what the worst carry, and what is said of the whole space."""

import numpy as np
import pytest
from helpers.invented import study
from helpers.with_untrained import small_study
from netspaces.statistics.tails import carried_by_worst, far_from
from netspaces.tables.summaries import tails


def test_shares_of_the_trained_networks():
    of = study("fig07_monotone_widths_depths", diverged=3, published=False)
    table = tails.make(of)
    row, errors = table.iloc[0], of.curves[0].errors
    assert row["carried"] == pytest.approx(carried_by_worst(errors))
    assert row["tail"] == pytest.approx(far_from(errors, np.median(errors)).mean())
    assert len(table) == 6 and "condition" not in table or table["condition"].isna().all()


def test_a_tail_of_shallow_networks_is_said_of_the_whole_space():
    of = small_study()
    table = tails.make(of)
    for row, curve in zip(table.itertuples(), of.curves, strict=True):
        predicted = of.regression.predicted[curve.population].untrained
        expected = far_from(predicted, np.median(curve.errors)).mean()
        assert row.tail_of_space == pytest.approx(expected)
        if isinstance(row.condition, str) and row.condition.startswith("depth ≤"):
            there = curve.table["depth"] <= float(row.condition.split()[-1])
            assert row.n_there == there.sum() and row.recall >= tails.TELLING
            assert row.n_there == 0 or row.mean_there == pytest.approx(curve.errors[there].mean())


def test_few_runs_have_no_shares():
    table = tails.make(study("fig07_monotone_widths_depths", n=tails.FEWEST - 1, planned=24, published=False))
    assert table["n"].tolist() == [tails.FEWEST - 1] * 6 and table.get("tail", np.array([np.nan])).dtype.kind in "fO"
