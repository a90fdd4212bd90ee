"""The resolved configuration beside the results: loaded again, it is the same."""

import pytest
import yaml
from helpers.configurations import CONFIG, PRESETS
from netspaces.configuration.configuration import Configuration
from netspaces.configuration.loading import load
from netspaces.workflow.resolved import NAME, write_resolved

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
    write_resolved(first, folder)
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
