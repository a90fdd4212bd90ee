"""What does not fit together is refused at the start, where it is stated, if it runs."""

import pytest
from helpers.configurations import CONFIG, change, refusal
from netspaces.configuration.layers import COMMAND_LINE
from netspaces.configuration.loading import load

TWO_CHANNELS = {"dataset": {"name": "npz", "file": "x.npz", "resolution": 8, "channels": 2, "classes": 10}}


def recipe(name: str = "short", **keys) -> dict:
    return {"recipes": {name: {"epochs": 1, **keys}}}


@pytest.mark.parametrize("augmentation", [["crop", "colour"], ["lighting"], [{"name": "colour"}]])
def test_an_augmentation_for_other_channels_is_refused(augmentation):
    name = "lighting" if augmentation == ["lighting"] else "colour"
    message = refusal(TWO_CHANNELS | recipe(augmentation=augmentation))
    assert message.startswith(
        f"{COMMAND_LINE}: recipes.short.augmentation: got {name!r}, expected one for images of 2 "
    )


def test_an_augmentation_of_a_recipe_that_does_not_run_is_let_be():
    load(TWO_CHANNELS | recipe("unused", augmentation=["colour"]), CONFIG)
    load(TWO_CHANNELS | recipe(augmentation=["crop", "flip"]), CONFIG)
    load(recipe(augmentation=["colour"]), CONFIG)


def test_a_preset_with_too_few_strides_is_named_if_a_space_that_runs_needs_more(config_folder):
    preset = config_folder / "presets" / "digits.yaml"
    change(preset, skeleton={"strides": [1, 2, 2, 2]})
    configuration = load({}, config_folder)
    assert "fig10_generalisation" not in configuration.available_studies
    assert "fig09_regnet" in configuration.available_studies
    message = refusal({"run_studies": ["generalisation"]}, config_folder)
    expected = "skeleton.strides: got [1, 2, 2, 2], expected at least 5, a stride for each stage of AnyNetX_A_5_stages"
    assert message == f"{preset}: {expected} (study fig10_generalisation)"


def test_a_space_with_more_stages_than_strides_of_its_own_is_refused():
    message = refusal({"design_spaces": {"Own": {"extends": "RegNetX", "stages": 3, "strides": [1, 2]}}})
    assert message == f"{COMMAND_LINE}: design_spaces: Own.stages: got 3, expected at most the 2 of strides"
