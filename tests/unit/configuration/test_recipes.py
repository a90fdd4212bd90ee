"""Recipes in the configuration: parts with options, merged and checked before any job starts."""

from itertools import product

import pytest
from helpers.configurations import CONFIG, PRESETS, refusal
from netspaces.configuration.layers import COMMAND_LINE, Layers
from netspaces.configuration.loading import load
from netspaces.configuration.merging import merge
from netspaces.training.optimisers import OPTIMISERS
from netspaces.training.recipe import Recipe


def short(**values) -> dict:
    return {"recipes": {"short": values}}


@pytest.mark.parametrize(
    "values, expected",
    [
        ({"optimiser": "adam"}, f"recipes.short.optimiser: got 'adam', expected one of {', '.join(OPTIMISERS)}"),
        ({"optimiser": {"name": "adam"}}, "recipes.short.optimiser.name: got 'adam', expected one of adamw, "),
        ({"optimiser": {"beta_1": 0.5}}, "recipes.short.optimiser: missing key 'name'"),
        ({"optimiser": 3}, "recipes.short.optimiser: got 3, expected "),
        (
            {"optimiser": {"name": "adamw", "beta": 1}},
            "recipes.short: optimiser adamw has no option 'beta', expected beta_1, ",
        ),
        (
            {"optimiser": {"name": "adamw", "beta_1": 1}},
            "recipes.short: optimiser.beta_1 of adamw is 1, expected a number from 0 to below 1",
        ),
        (
            {"optimiser": "adamw", "momentum": 0.5},
            "recipes.short: momentum is 0.5, expected none: adamw has no use for it",
        ),
        (
            {"schedule": {"name": "step", "every": [1]}},
            "recipes.short: schedule.every of step is [1], expected a number above 0",
        ),
        (
            {"schedule": {"name": "milestones", "at": 3}},
            "recipes.short: schedule.at of milestones is 3, expected a list of numbers",
        ),
        ({"weight_decay_on": "norms"}, "recipes.short.weight_decay_on: got 'norms', expected one of all, weights"),
        ({"gradient_norm": -1}, "recipes.short.gradient_norm: got -1, expected at least 0"),
        (
            {"augmentation": [{"name": "flip", "p": 1}]},
            "recipes.short: augmentation flip has no option 'p', expected none",
        ),
        ({"augmentation": ["flop"]}, "recipes.short.augmentation.0: got 'flop', expected one of "),
    ],
)
def test_a_wrong_recipe_stops_before_any_job_in_one_line(values, expected):
    assert refusal(short(**values)).startswith(f"{COMMAND_LINE}: {expected}")


@pytest.mark.parametrize("before, over", list(product(["adamw", {"name": "adamw", "beta_1": 0.5}], repeat=2)))
def test_a_part_of_another_name_drops_the_options_of_the_one_before(before, over):
    merged = merge(short(optimiser=before), short(optimiser={"name": "lamb", "beta_2": 0.5}))
    assert merged == short(optimiser={"name": "lamb", "beta_2": 0.5})
    assert merge(merged, short(optimiser=over)) == short(optimiser=over)


def test_options_of_a_part_are_merged():
    merged = merge(short(optimiser={"name": "adamw", "beta_1": 0.5}), short(optimiser={"name": "adamw", "beta_2": 0.5}))
    assert merged == short(optimiser={"name": "adamw", "beta_1": 0.5, "beta_2": 0.5})
    assert merge(merged, short(optimiser={"beta_1": 0.1})) == short(
        optimiser={"name": "adamw", "beta_1": 0.1, "beta_2": 0.5}
    )


def test_a_dataset_of_another_name_keeps_what_every_dataset_has():
    digits = {"dataset": {"name": "digits", "resolution": 8, "test_fraction": 0.5}}
    other = Layers({"given": {"dataset": {"name": "npz", "file": "a.npz"}}, "preset": digits}, "preset")
    assert other.settings["dataset"] == {"name": "npz", "resolution": 8, "file": "a.npz"}


@pytest.mark.parametrize("preset", PRESETS)
def test_the_recipes_of_presets_say_nothing_that_was_added_later(preset):
    added = {"schedule", "weight_decay_on", "gradient_norm", "optimiser", "loss"}
    for recipe in load({"preset": preset}, CONFIG).settings["recipes"].values():
        trained = {key: value for key, value in recipe.items() if key != "dataset"}
        assert not added & set(Recipe.from_dict(trained).to_dict())
