"""What rules tell their scripts."""

import json
from dataclasses import replace

import pytest
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.workflow.params import (
    deciding,
    entries_of,
    plugins_of,
    run_imported,
    run_populations,
    trained_populations,
)

CONFIGURATION = load({}, CONFIG)
POPULATION = CONFIGURATION.populations["RegNetX-base-short"]


def test_what_decides_the_records_of_a_population_is_said_in_plain_values():
    told = deciding(POPULATION)
    assert told["definition"] == POPULATION.definition and told["n"] == POPULATION.n and "dataset" not in told
    json.dumps(told)  # the engine compares what it can write down
    assert deciding(replace(POPULATION, dataset="second_dataset"))["dataset"] == "second_dataset"


def test_populations_of_the_default_target_have_the_limits_that_are_known(tmp_path):
    limited = {"studies": {"mine": {"title": "Mine", "figure": "fig09_regnet", "panels": {"a": ["Limited"]}}}}
    limited |= {"design_spaces": {"Limited": {"extends": "RegNetX", "constraints_from": "complexity_limits"}}}
    configuration = load({"run_studies": ["mine"], **limited}, CONFIG)
    (tmp_path / "limits.json").write_text('{"constraints": ["depth <= 20"]}')
    without, known = (run_populations(configuration, path) for path in (None, tmp_path / "limits.json"))
    assert without == {"Limited-base-short": configuration.populations["Limited-base-short"]}
    assert known["Limited-base-short"].definition["limits"] == ["depth <= 20"]


def test_imported_populations_of_the_default_target_are_what_was_declared():
    panels = {"spaces": [{"imported": "ResNeXt"}, "RegNetX"]}
    given = {"imported": {"ResNeXt": {"format": "nds", "file": "theirs.json"}}, "run_studies": ["theirs"]}
    given["studies"] = {"theirs": {"title": "Theirs", "figure": "error_distributions", "panels": panels}}
    configuration = load(given, CONFIG)
    assert run_imported(configuration) == {"ResNeXt-imported-nds": {"format": "nds", "file": "theirs.json"}}
    assert list(run_populations(configuration, None)) == ["RegNetX-base-short"]


def test_what_is_planned_and_looked_for_are_also_populations_in_two_phases():
    strata = [{"from": 5.0, "free": 90, "indices": [40, 33]}, {"from": 9.0, "free": 10, "indices": [39, 34]}]
    given = {"run_studies": ["fig02_anynet_statistics"], "two_phase": {"RegNetX-base-short": strata}}
    configuration = load(given, CONFIG)
    assert list(run_populations(configuration, None)) == ["AnyNetX_A-base-short"]
    trained = trained_populations(configuration, None)
    assert list(trained) == ["AnyNetX_A-base-short", "RegNetX-base-short-two_phase"]
    assert list(trained["RegNetX-base-short-two_phase"].indices) == [33, 34, 39, 40]


@pytest.mark.parametrize(
    "spaces, expected",
    [
        ([], {"block": [], "family": []}),
        (["RegNetX", "RegNetR", "AnyNetX_A"], {"block": ["r", "x"], "family": ["anynet", "regnet"]}),
    ],
)
def test_entries_that_design_spaces_use(spaces, expected):
    assert entries_of([CONFIGURATION.spaces[name] for name in spaces]) == expected


def test_the_plug_ins_behind_a_training_are_those_of_its_space_and_its_recipe(tmp_path):
    entries = {
        "mine": "from netspaces.spaces.families.anynet import FAMILY",
        "ghost": "from netspaces.networks.blocks import v\nBLOCK = type('Ghost', (v.VBlock,), {'name': 'ghost'})()",
        "adam": "OPTIMISER = None",
        "other": "LOSS = None",
    }
    for name, text in entries.items():
        (tmp_path / f"{name}.py").write_text(text)
    plugins = {plugin.name: plugin.digest for plugin in load_plugins(tmp_path / f"{name}.py" for name in entries)}
    try:
        assert plugins_of({"family": "regnet", "block": "x"}, {"epochs": 1, "augmentation": ["flip"]}) == {}
        used = plugins_of({"family": "mine", "block": "ghost"}, {"optimiser": "adam"})
    finally:
        forget_plugins()
    assert used == {name: plugins[name] for name in ("mine", "ghost", "adam")}
