"""The same networks in several populations: matched by index, by budget and repeat, by setting."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.invented import STUDIES, curve, study
from netspaces.studies.pairing import Settings, by_space, paired_errors


def test_errors_match_networks_by_index():
    whole, few = curve("RegNetX"), curve("RegNetX", n=8, recipe="long")
    shuffled = replace(few, table=few.table.sample(frac=1, random_state=1))
    found = paired_errors([whole, shuffled])
    assert list(found.columns) == [whole.population, few.population]
    assert found[few.population].notna().sum() == 8
    np.testing.assert_array_equal(found[few.population].dropna(), few.errors)
    np.testing.assert_array_equal(found[whole.population], whole.errors)


def test_other_networks_do_not_pair():
    with pytest.raises(ValueError, match="network 0 of AnyNetX_A-base-short is not that of RegNetX-base-short"):
        paired_errors([curve("RegNetX"), curve("AnyNetX_A")])


# ---- Budgets ---------------------------------------------------------------------------------------------------------


def at(space: str, epochs: int, repeat: int = 0, n: int = 24):
    """An invented population of some budget."""
    return curve(space, n=n, recipe={5: "short", 8: "medium", 20: "long"}[epochs], repeat=repeat)


def test_budgets_gather_networks_by_epochs_and_repeat():
    curves = [at("RegNetX", 20), at("RegNetX", 5), at("RegNetX", 5, 1, n=8), at("RegNetX", 20, 1, n=8)]
    curves += [at("AnyNetX_E", 5, n=10), at("AnyNetX_E", 20, n=12), at("RegNetX", 5, 2, n=6)]
    regnet, anynet = by_space(curves)
    assert (regnet.label, regnet.epochs, anynet.label) == ("RegNetX", [5, 20], "AnyNetX_E")
    assert regnet.complete.shape == (24, 2) and anynet.complete.shape == (10, 2)
    assert regnet.crossed.shape == (8, 2, 2) and anynet.crossed.shape == (10, 2, 1)
    np.testing.assert_array_equal(regnet.complete[:, 1], curves[0].errors)
    np.testing.assert_array_equal(regnet.crossed[:, 1, 1], curves[3].errors)
    assert list(regnet.repeats(5)) == [0, 1, 2] and list(regnet.repeats(20)) == [0, 1]
    assert curves[2].repeat == 1 and curves[0].repeat == 0


def test_a_repeat_alone_is_named():
    with pytest.raises(ValueError, match="RegNetX: expected one population per number of epochs"):
        by_space([at("RegNetX", 5), at("RegNetX", 20, 1)])


# ---- Settings --------------------------------------------------------------------------------------------------------


def declared(name: str = "labels_and_recipe", **runs):
    return study(name, STUDIES[name]["panels"], **runs)


def test_settings_that_do_not_match_are_named():
    with pytest.raises(ValueError, match="order_holds: panels: expected two settings or more with the same design"):
        Settings.of(study("order_holds", {"short": ["AnyNetX_A"], "other": ["RegNetX"]}))
    with pytest.raises(ValueError, match="seeds: RegNetX is in no setting"):
        Settings.of(study("x", {"a": ["AnyNetX_A"], "b": ["AnyNetX_A"], "seed_1": ["RegNetX"]}))


def test_settings_know_their_spaces_and_seeds():
    settings = Settings.of(declared())
    assert settings.names == ["short", "rotation", "other"]
    assert settings.labels == ["AnyNetX_A", "AnyNetX_E", "RegNetX"]
    assert settings.seeds("AnyNetX_A") is None and settings.seeds("RegNetX").shape == (24, 3)
