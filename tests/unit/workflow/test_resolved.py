"""The resolved configuration beside the results: loaded again, it is the same."""

import os
from types import SimpleNamespace

import pytest
import yaml
from helpers.configurations import CONFIG, PRESETS
from netspaces.configuration.configuration import Configuration
from netspaces.configuration.loading import load
from netspaces.workflow.resolved import NAME, note_run, write_resolved

OWN = {
    "design_spaces": {"Wide": {"extends": "RegNetX", "constraints": ["width_4 >= 4 * width_1"]}},
    "studies": {
        "mine": {
            "title": "Does it help?",
            "figure": "error_distributions",
            "panels": {"spaces": ["RegNetX", {"space": "Wide", "regimes": ["base"], "label": "yes"}]},
        }
    },
    "claims": {
        "better": {
            "claim": "It does",
            "quantity": "mean_difference",
            "populations": ["RegNetX", "Wide"],
            "range": [0, None],
        }
    },
}
CASES = [({"preset": preset}, []) for preset in PRESETS] + [
    ({"run_studies": "all"}, []),
    ({"run_studies": ["fig12_complexity", "selected_models", "table01_design_spaces", "critics"]}, []),
    ({"population_size": 5, "population_sizes": {"Any*": 7}, "recipes": {"short": {"learning_rate": 1e-05}}}, [OWN]),
]


def again(given: dict, files: list[dict], folder) -> tuple[Configuration, Configuration]:
    """A configuration, and what the file that is written of it gives."""
    paths = []
    for index, content in enumerate(files):
        paths.append(folder / f"{index}.yaml")
        paths[-1].write_text(yaml.safe_dump(content))
    first = load(given, CONFIG, paths)
    write_resolved(first, folder, ["all"], [], ended=True)
    return first, load({}, CONFIG, [folder / NAME])


@pytest.mark.parametrize("given, files", CASES)
def test_the_resolved_configuration_gives_the_same_again(given, files, tmp_path):
    first, second = again(given, files, tmp_path)
    assert second.spaces == first.spaces
    assert second.studies == first.studies and list(second.studies) == list(first.studies)
    assert second.claims == first.claims
    assert second.populations == first.populations and second.run_populations == first.run_populations
    added = ("design_spaces", "studies", "claims")
    assert {k: v for k, v in second.settings.items() if k not in added} == {
        k: v for k, v in first.settings.items() if k not in added
    }


def test_it_states_what_other_files_stated(tmp_path):
    again({}, [OWN], tmp_path)
    content = yaml.safe_load((tmp_path / NAME).read_text())
    assert content["design_spaces"]["Wide"]["parameters"]["depth"] and "extends" not in content["design_spaces"]["Wide"]
    assert content["recipes"]["short"]["epochs"] == 5 and content["studies"]["mine"]["title"] == "Does it help?"


def test_the_file_is_not_touched_where_it_says_the_same(tmp_path):
    again({}, [OWN], tmp_path)
    before = (tmp_path / NAME).stat().st_mtime_ns
    again({}, [OWN], tmp_path)
    assert (tmp_path / NAME).stat().st_mtime_ns == before
    again({"seed": 1}, [OWN], tmp_path)
    assert (tmp_path / NAME).stat().st_mtime_ns != before


def dag(target: str, *needed: str) -> SimpleNamespace:
    """What the engine knows of a run: the job that was asked for, and those that it needs."""
    asked = SimpleNamespace(rule=SimpleNamespace(name=target), wildcards_dict={}, output=[])
    return SimpleNamespace(
        targetjobs=[asked], jobs=[asked, *(SimpleNamespace(rule=SimpleNamespace(name=n)) for n in needed)]
    )


def test_the_file_says_which_run_it_is_of_and_whether_that_has_ended(tmp_path):
    overlay = tmp_path / "my.yaml"
    overlay.write_text(yaml.safe_dump(OWN | {"run_studies": ["fig07_monotone_widths_depths"]}))
    configuration = load({}, CONFIG, [overlay])
    for ended, state in ((False, "has not ended well, or not yet"), (True, "has ended well")):
        note_run(dag("mine", "mine", "train"), configuration, tmp_path, ended)
        text = (tmp_path / NAME).read_text()
        assert "# It was asked for mine.\n" in text and state in text
        assert f"# The same again: snakemake mine --configfile {os.path.relpath(tmp_path / NAME)}" in text
        assert {"mine", "fig07_monotone_widths_depths"} == set(yaml.safe_load(text)["studies"])
    assert load({}, CONFIG, [tmp_path / NAME]).studies["mine"] == configuration.studies["mine"]
    note_run(dag("plan"), load({"seed": 9}, CONFIG), tmp_path, ended=False)
    assert (tmp_path / NAME).read_text() == text
