"""A preset's second dataset: what is checked, and which populations train on it."""

import shutil
from pathlib import Path

import pytest
import yaml
from netspaces.configuration.datasets import FIRST, SECOND
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.cost.prediction import Predictor
from netspaces.data.datasets import load as load_dataset
from netspaces.data.preparation import prepare
from netspaces.spaces.sampling import sample
from netspaces.training.train import train_network
from netspaces.workflow.preview import Store, population_so_far

CONFIG = Path(__file__).parents[3] / "config"
SETTINGS = {"resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5, "seed": 0}
OWN = {"name": "npz", "file": "own.npz", "resolution": 8, "channels": 1, "classes": 10}


def refusal(given: dict, folder: Path = CONFIG) -> str:
    with pytest.raises(ConfigError) as error:
        load(given, folder)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


# ---- Configuration ---------------------------------------------------------------------------------------------------


def test_a_recipe_says_which_dataset_and_training_does_not_see_it():
    configuration = load({}, CONFIG)
    populations, recipes = configuration.populations, configuration.settings["recipes"]
    first, second = populations["RegNetX-base-short"], populations["RegNetX-base-second_data"]
    assert (first.dataset, second.dataset) == (FIRST, SECOND)
    assert second.recipe == first.recipe == recipes["short"]
    assert (second.definition, second.regime, second.seed) == (first.definition, first.regime, first.seed)
    assert {name for name, of in populations.items() if of.dataset == SECOND} == {
        name for name in populations if name.endswith("-second_data")
    }


@pytest.mark.parametrize("preset", ["cifar10", "imagenet"])
def test_a_preset_without_a_second_dataset_has_the_other_half_of_the_answer(preset):
    studies = load({"preset": preset}, CONFIG).available_studies
    assert {"labels_and_recipe", "order_holds", "unquantised_widths"} <= set(studies)
    assert not {"second_data", "order_holds_second_data"} & set(studies)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({SECOND: {"name": "mnist"}}, "second_dataset.name: got 'mnist', expected one of cifar10, cifar100, digits, "),
        ({SECOND: {"colour": "grey"}}, "second_dataset: unknown key 'colour', expected one of name, "),
        ({SECOND: {"test_fraction": 2}}, "second_dataset.test_fraction: got 2, expected more than 0 and less"),
        ({SECOND: {"resolution": 16}}, "second_dataset.resolution: got 16, expected 8, as of dataset"),
        ({SECOND: {"channels": 3}}, "second_dataset.channels: got 3, expected 1, as of dataset"),
        ({SECOND: {"classes": 5}}, "second_dataset.classes: got 5, expected 10, as of dataset"),
        ({"recipes": {"short": {"dataset": "third"}}}, "recipes.short.dataset: got 'third', expected one of second"),
        ({"recipes": {"final": {"dataset": "second"}}}, "recipes.final.dataset: got 'second', expected none"),
        ({"preset": "cifar10", "recipes": {"short": {"dataset": "second"}}}, "the preset has no second_dataset"),
    ],
)
def test_what_is_wrong_with_it_is_said_in_one_line(given, expected):
    message = refusal(given)
    assert message.startswith("command line (--config, --configfile): ") and expected in message


def test_the_file_that_is_wrong_is_named(tmp_path):
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    preset = folder / "presets" / "digits.yaml"
    content = yaml.safe_load(preset.read_text())
    preset.write_text(yaml.safe_dump(content | {SECOND: content[SECOND] | {"classes": 9}}))
    assert refusal({}, folder) == f"{preset}: second_dataset.classes: got 9, expected 10, as of dataset"


def test_another_dataset_goes_without_the_second_and_its_recipes_unless_it_brings_its_own():
    alone = load({"dataset": OWN}, CONFIG)
    assert SECOND not in alone.settings and "second_data" not in alone.settings["recipes"]
    assert "second_data" not in alone.available_studies and "labels_and_recipe" in alone.available_studies
    own = {SECOND: OWN | {"file": "other.npz"}, "recipes": {"elsewhere": {"epochs": 1, "dataset": "second"}}}
    both = load({"dataset": OWN} | own, CONFIG)
    assert both.settings[SECOND] == own[SECOND]
    assert {name for name, recipe in both.settings["recipes"].items() if "dataset" in recipe} == {"elsewhere"}
    changed = load({SECOND: {"name": "photographs", "seed": 7}}, CONFIG).settings
    assert changed[SECOND] == {"name": "photographs"} | SETTINGS | {"seed": 7} and "second_data" in changed["recipes"]


# ---- What rests on which dataset -------------------------------------------------------------------------------------


def test_costs_are_predicted_for_the_images_of_each_dataset(tmp_path):
    settings = load({}, CONFIG).settings
    first = Predictor.of(settings, tmp_path)
    before = Predictor.of(settings, tmp_path, SECOND)
    assert (first.dataset, before.dataset) == (settings[FIRST], settings[SECOND])
    assert before.coefficients == first.coefficients
    assert (before.images.train, before.images.test, before.images.known) == (1040, 1040, True)
    prepare(settings[SECOND], tmp_path / SECOND)
    assert Predictor.of(settings, tmp_path, SECOND) == before
    assert Predictor.of(settings, tmp_path) == first


def test_runs_on_the_two_datasets_never_mix(tmp_path, one_thread):
    brief = {"recipes": {"short": {"epochs": 1}, "second_data": {"epochs": 1}}, "population_size": 2}
    brief |= {"regimes": {"base": {"flops": [2e4, 1e5]}}}
    configuration = load(brief, CONFIG)
    for key in (FIRST, SECOND):
        prepare(configuration.settings[key], tmp_path / key)
    status = {}
    for trained_on, recipe in ((FIRST, "short"), (SECOND, "second_data")):
        of = configuration.populations[f"RegNetX-base-{recipe}"]
        drawn = sample(of.definition, of.regime, of.seed, range(of.n))
        train_network(
            drawn.architectures.row(0),
            {name: int(values[0]) for name, values in drawn.complexity.columns().items()},
            of.recipe,
            of.training_seed,
            load_dataset(tmp_path / of.dataset),
            tmp_path / "runs",
        )
        for name in ("short", "second_data"):
            status[trained_on, name] = status_of(configuration.populations[f"RegNetX-base-{name}"], tmp_path)
    there, none = ["finished", "missing"], ["missing", "missing"]
    assert status[FIRST, "short"] == status[SECOND, "short"] == status[SECOND, "second_data"] == there
    assert status[FIRST, "second_data"] == none


def status_of(population, results: Path) -> list[str]:
    store = Store.at(results, population.dataset)
    return population_so_far(population, store)["status"].tolist()
