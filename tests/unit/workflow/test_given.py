"""What the command line gives: each file of --configfile is a layer of its own."""

import os
from pathlib import Path

import yaml
from helpers.configurations import CONFIG, refusal
from netspaces.configuration.loading import load
from netspaces.workflow.given import given_layers
from snakemake.settings.types import ConfigSettings

OWN = {"name": "npz", "file": "own.npz", "resolution": 8, "channels": 1, "classes": 3}


def file_of(folder: Path, settings: dict, name: str = "mine.yaml") -> Path:
    (folder / name).write_text(yaml.safe_dump(settings))
    return folder / name


def test_a_file_with_another_dataset_replaces_the_one_of_the_file_before_it(tmp_path):
    files = [CONFIG / "presets" / "digits.yaml", file_of(tmp_path, {"dataset": OWN})]
    settings = ConfigSettings(config={"seed": 3}, configfiles=files)
    values, given = given_layers(dict(settings.overwrite_config), settings)
    assert (values, given) == ({"seed": 3}, [os.path.relpath(file) for file in files])
    loaded = load(values, CONFIG, given).settings
    assert loaded["dataset"] == OWN and loaded["seed"] == 3 and "second_dataset" not in loaded


def test_a_file_that_is_given_is_named_where_it_is_at_fault(tmp_path):
    first = file_of(tmp_path, {"seed": "x", "device": "cpu"}, "first.yaml")
    second = file_of(tmp_path, {"device": "tpu"}, "second.yaml")
    assert refusal(files=[first]).startswith(f"{first}: seed: got 'x'")
    assert refusal(files=[first, second]).startswith(f"{second}: device: got 'tpu'")


def test_a_later_file_wins_over_the_preset_that_is_given_as_a_file(tmp_path):
    preset, mine = CONFIG / "presets" / "digits.yaml", file_of(tmp_path, {"seed": 7})
    assert load({}, CONFIG, [preset, mine]).settings["seed"] == 7
    assert load({}, CONFIG, [mine, preset]).settings["seed"] == 0


def test_the_settings_of_a_workflow_that_takes_this_one_in_count_as_they_are(tmp_path):
    settings = ConfigSettings(configfiles=[file_of(tmp_path, {"netspaces": {"seed": 3}})])
    assert given_layers({"seed": 3}, settings) == ({"seed": 3}, [])
