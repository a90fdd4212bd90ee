"""Presets that extend others: what they take from below, what they replace, and what is refused."""

import shutil
from pathlib import Path

import pytest
import yaml
from helpers.configurations import CONFIG, refusal
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.configuration.yaml_files import read_yaml
from netspaces.workflow.made_with import MadeWith

IMAGES = {"name": "imagefolder", "folder": "photos", "resolution": 8, "channels": 3, "classes": 4}


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the configuration."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def write(path: Path, **content) -> Path:
    """A YAML file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return path


def preset(folder: Path, name: str, **content) -> Path:
    """A preset among those of a folder."""
    return write(folder / "presets" / f"{name}.yaml", preset=name, **content)


def test_a_preset_states_only_what_differs(folder):
    preset(folder, "mine", extends="digits", recipes={"short": {"epochs": 7}}, population_size=6)
    mine, digits = (load({"preset": name}, folder).settings for name in ("mine", "digits"))
    assert mine["recipes"]["short"] == digits["recipes"]["short"] | {"epochs": 7}
    changed = {"preset", "recipes", "population_size", "description"}
    assert {key for key in digits if mine.get(key) != digits[key]} == changed
    assert "description" not in mine and "extends" not in mine


def test_presets_extend_each_other_in_a_chain(folder):
    preset(folder, "middle", extends="digits", seed=5, population_size=6)
    preset(folder, "mine", extends="middle", population_size=7)
    settings = load({"preset": "mine"}, folder).settings
    assert (settings["seed"], settings["population_size"], settings["skeleton"]["stem_width"]) == (5, 7, 16)


def test_the_name_is_that_of_the_file_that_runs(folder):
    write(folder / "presets" / "mine.yaml", extends="digits")
    write(folder / "config.yaml", **read_yaml(folder / "config.yaml") | {"preset": "mine"})
    assert load({}, folder).preset == "mine"


def test_a_dataset_replaces_the_one_below_as_a_whole(folder):
    preset(folder, "photos", extends="imagenet", dataset=IMAGES)
    settings = load({"preset": "photos"}, folder).settings
    assert settings["dataset"] == IMAGES  # stored_as and stored_resolution were for ImageNet
    preset(folder, "others", extends="photos", dataset=IMAGES | {"folder": "others"})
    assert load({"preset": "others"}, folder).settings["dataset"]["folder"] == "others"


def test_a_dataset_takes_the_second_one_and_its_recipes_with_it(folder):
    preset(folder, "photos", extends="digits", dataset=IMAGES)
    settings = load({"preset": "photos"}, folder).settings
    assert "second_dataset" not in settings and "second_data" not in settings["recipes"]
    assert "rotation" in settings["recipes"]


def test_a_dataset_without_a_name_changes_the_one_below(folder):
    preset(folder, "mine", extends="digits", dataset={"test_fraction": 0.25})
    settings = load({"preset": "mine"}, folder).settings
    assert settings["dataset"] == load({}, folder).settings["dataset"] | {"test_fraction": 0.25}
    assert "second_dataset" in settings


def test_a_preset_may_lie_outside(folder, tmp_path):
    base = write(tmp_path / "my" / "base.yaml", extends="digits", population_size=9)
    own = write(tmp_path / "my" / "own.yaml", preset="mine", extends=str(base), seed=3)
    configuration = load({}, folder, [own])
    assert (configuration.preset, configuration.name) == ("mine", "mine")
    assert (configuration.settings["seed"], configuration.settings["population_size"]) == (3, 9)
    overlay = write(tmp_path / "over.yaml", seed=4)
    assert load({}, folder, [own, overlay]).settings["seed"] == 4


def test_a_preset_of_the_folder_may_be_given_as_a_file(folder):
    path = preset(folder, "mine", extends="digits", seed=3)
    assert load({}, folder, [path]) == load({"preset": "mine"}, folder)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"extends": "digts"},
            "mine.yaml: extends: got 'digts', expected one of cifar10, cifar10_cpu, digits, imagenet, ",
        ),
        ({"extends": "other.yaml"}, "mine.yaml: extends: got 'other.yaml', expected one of cifar10, "),
        ({"extends": 3}, "mine.yaml: extends: got 3, expected one of cifar10, "),
        ({"extends": ["digits"]}, "mine.yaml: extends: got ['digits'], expected one of cifar10, "),
        ({"extends": "../config"}, "mine.yaml: extends: got '../config', expected one of cifar10, "),
        ({"extends": "digits", "dataset": 3}, "mine.yaml: dataset: got 3, expected a mapping"),
        ({"extends": "digits", "dataset": IMAGES | {"colour": 1}}, "mine.yaml: dataset: unknown key 'colour'"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(folder, content, expected):
    preset(folder, "mine", **content)
    assert expected in refusal({"preset": "mine"}, folder)


def test_a_mistake_in_an_extended_preset_names_its_file(folder):
    preset(folder, "middle", extends="digits", recipes={"short": 5})
    preset(folder, "mine", extends="middle", dataset=IMAGES)
    assert "presets/middle.yaml: recipes.short: got 5, expected a mapping" in refusal({"preset": "mine"}, folder)


def test_a_circle_is_one_line(folder):
    a, b = preset(folder, "a", extends="b"), preset(folder, "b", extends="a")
    assert refusal({"preset": "a"}, folder) == f"{b}: extends: got 'a', a circle: {a} > {b} > {a}"
    own = preset(folder, "own", extends="own")
    assert refusal({"preset": "own"}, folder) == f"{own}: extends: got 'own', a circle: {own} > {own}"


def test_only_the_preset_that_runs_extends(folder, tmp_path):
    nameless = write(tmp_path / "nameless.yaml", extends="cifar10")
    assert refusal({}, folder, [nameless]).startswith(f"{nameless}: extends: got 'cifar10', expected it beside preset")
    twice = write(tmp_path / "twice.yaml", preset="digits", extends="cifar10")
    assert "but preset digits is also that of " in refusal({}, folder, [twice])
    one, two = (write(tmp_path / f"{n}.yaml", preset="mine", extends="digits") for n in ("one", "two"))
    assert f"but preset mine is also that of {one}" in refusal({}, folder, [one, two])


def test_results_of_an_extending_preset_are_its_own(folder, tmp_path):
    path = preset(folder, "mine", extends="digits")
    MadeWith(tmp_path / "mine", load({"preset": "mine"}, folder).settings).remember(["train"])
    MadeWith(tmp_path / "mine", load({"preset": "mine"}, folder).settings).check()
    write(path, preset="mine", extends="digits", recipes={"short": {"epochs": 7}})
    with pytest.raises(ConfigError, match=r"recipes\.short\.epochs: got 7, but .*mine was made with 5"):
        MadeWith(tmp_path / "mine", load({"preset": "mine"}, folder).settings).check()
