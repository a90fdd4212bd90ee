"""How many networks the comparisons of a run take: from spreads that are there, with and without predictions."""

import numpy as np
import pytest
from helpers.invented import study
from helpers.with_untrained import small_study
from netspaces.statistics.power import networks_wanted
from netspaces.tables.summaries import power


def test_a_row_per_pair_with_what_its_spreads_say():
    of = study("fig07_monotone_widths_depths", published=False)
    table = power.make(of)
    assert len(table) == table["pairs"].iloc[0] == 9
    a, b = of.panels["widths"][:2]
    row = table.iloc[0]
    difference, deviations = a.errors.mean() - b.errors.mean(), (a.errors.std(ddof=1), b.errors.std(ddof=1))
    assert row["wanted"] == networks_wanted(difference, deviations, 0.95)
    assert row["wanted_all"] == networks_wanted(difference, deviations, 1 - 0.05 / 9) > row["wanted"]
    assert np.isnan(row["hours"])  # nobody has trained these
    assert np.isnan(row.get("wanted_regression", np.nan))


def test_few_runs_have_no_numbers():
    table = power.make(study("fig07_monotone_widths_depths", n=power.FEWEST - 1, planned=24, published=False))
    assert table["wanted"].isna().all() and (table["n"] == "7 of 24, 7 of 24").all()


def test_the_regression_estimate_takes_fewer_networks_where_structure_tells_errors():
    of = small_study()
    row = power.make(of).iloc[0]
    means = [of.regression.mean(curve.population) for curve in of.curves[:2]]
    assert all(mean.n_eff > mean.n for mean in means)
    a, b = of.curves[:2]
    seconds = a.table["seconds"].mean() + b.table["seconds"].mean()
    assert row["hours"] == pytest.approx(row["wanted_all"] * seconds / 3600)
    assert row["wanted_regression"] > 0 and row["hours_regression"] > 0
