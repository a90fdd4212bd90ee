"""Pairs of populations drawn in two phases: weighted differences, a family of tests, and what lacks numbers."""

import numpy as np
import pytest
from helpers.invented import curve
from helpers.two_phases import chosen
from netspaces.studies.study import Study, explained
from netspaces.tables.summaries import two_phase_comparisons


def study(*curves) -> Study:
    return Study("two_phase_comparisons", "", {"populations": list(curves)})


def test_all_pairs_are_one_family():
    spaces = [chosen("RegNetX"), chosen("AnyNetX_E", shift=9.0), chosen("AnyNetX_A", shift=-0.1)]
    table = two_phase_comparisons.make(study(*spaces))
    assert table[["a", "b"]].to_numpy().tolist() == [
        ["RegNetX", "AnyNetX_E"],
        ["RegNetX", "AnyNetX_A"],
        ["AnyNetX_E", "AnyNetX_A"],
    ]
    assert table["difference"].tolist() == pytest.approx([-9.0, 0.1, 9.1]) and set(table["pairs"]) == {3}
    assert (table["simultaneous_low"] < table["low"]).all() and (table["high"] < table["simultaneous_high"]).all()
    first, last = table["p"].argmin(), table["p"].argmax()
    assert table["p_corrected"][first] == pytest.approx(3 * table["p"][first])
    assert table["p_corrected"][last] == table["p"][last] > 0.5
    assert table["ks"][0] > 0.9 > 0.5 > table["ks"][1] and (table["resamples"] == 10_000).all()
    assert table["p_ks"][0] < 0.01 < 0.5 < table["p_ks"][1] and table["p_ks_corrected"][0] <= 3 * table["p_ks"][0]
    assert table["superiority"][0] > 0.9 > 0.5 >= table["superiority"][1] and table["superiority"][2] < 0.1
    assert (table["superiority_low"] <= table["superiority"]).all()


def test_a_stratum_of_one_run_leaves_its_pairs_without_numbers():
    table = two_phase_comparisons.make(study(chosen("RegNetX"), chosen("AnyNetX_E", 9), chosen("AnyNetX_A", shift=9)))
    assert np.isnan(table["difference"][0]) and table["n_b"][0] == 9 and table["pairs"][0] == 3
    assert table["p_corrected"][1] == table["p"][1]  # the one test that there is


def test_without_pairs_it_says_why_and_ordinary_populations_are_refused():
    for curves, said in (((), "No population"), ((chosen("RegNetX"),), "makes no pair")):
        table = explained(two_phase_comparisons.make, study(*curves), two_phase_comparisons.WANTS)
        assert table.empty and said in table.attrs["note"]
    with pytest.raises(ValueError, match="RegNetX.* is not drawn in two phases"):
        two_phase_comparisons.make(study(chosen("AnyNetX_E"), curve("RegNetX")))
