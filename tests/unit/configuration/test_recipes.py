"""Recipes in the configuration: parts with options, merged and checked before any job starts."""

from itertools import product

import pytest
import yaml
from helpers.configurations import CONFIG, PRESETS, change, refusal
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
            "recipes.short: schedule.every of step is [1], expected a number from 0.001",
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


# ---- Recipes that extend others --------------------------------------------------------------------------------------

NAMED = yaml.safe_load((CONFIG / "recipes.yaml").read_text())


def recipes_of(given: dict) -> dict:
    return load({"recipes": given}, CONFIG).settings["recipes"]


def test_a_recipe_takes_what_it_does_not_state_from_the_one_that_it_extends():
    long, short_one = (recipes_of({"mine": {"extends": "long", "epochs": 3}})[name] for name in ("mine", "long"))
    assert long == short_one | {"epochs": 3}
    chain = recipes_of(
        {"a": {"extends": "b"}, "b": {"extends": "convnext", "optimiser": {"name": "adamw", "beta_2": 0.9}}}
    )
    expected = NAMED["convnext"]["recipe"] | {"optimiser": {"name": "adamw", "beta_2": 0.9}}
    assert chain["a"] == chain["b"] == expected


def test_a_recipe_may_have_the_name_of_the_one_that_it_extends():
    mine = recipes_of({"convnext": {"extends": "convnext", "epochs": 2}, "mine": {"extends": "convnext"}})
    assert mine["convnext"] == mine["mine"] == NAMED["convnext"]["recipe"] | {"epochs": 2}


def test_an_overlay_that_states_a_base_drops_what_the_preset_said_of_the_recipe():
    short_one = recipes_of({"short": {"extends": "convnext", "epochs": 5}})["short"]
    assert short_one == NAMED["convnext"]["recipe"] | {"epochs": 5}  # not the preset's zero_init_residual


def test_a_preset_may_say_that_its_recipe_is_a_papers_and_an_overlay_changes_it(config_folder):
    change(config_folder / "presets" / "digits.yaml", recipes={"mine": {"extends": "resnet_rs", "epochs": 7}})
    mine = load({"recipes": {"mine": {"dropout": 0.0}}}, config_folder).settings["recipes"]["mine"]
    assert mine == NAMED["resnet_rs"]["recipe"] | {"epochs": 7, "dropout": 0.0}


@pytest.mark.parametrize(
    "given, expected",
    [
        ({"a": {"extends": "nothing"}}, "recipes.a.extends: got 'nothing', expected one of short, "),
        ({"a": {"extends": "a"}}, "recipes.a.extends: got 'a', expected one of short, "),
        ({"a": {"extends": "b"}, "b": {"extends": "a"}}, "recipes.b.extends: got 'a', expected one of short, "),
        ({"a": {"extends": 3}}, "recipes.a.extends: got 3, expected text"),
        (
            {"a": {"extends": "convnext", "momentum": 0.5}},
            "recipes.a: momentum is 0.5, expected none: adamw has no",
        ),
        ({"a": {"epochs": 1}, "b": {"extends": "a", "epoch": 1}}, "recipes.b: unknown key 'epoch', expected one of "),
    ],
)
def test_a_wrong_base_is_refused_in_one_line(given, expected):
    assert refusal({"recipes": given}).startswith(f"{COMMAND_LINE}: {expected}")


def test_the_file_of_named_recipes_is_checked_where_it_is_used(config_folder):
    change(config_folder / "recipes.yaml", regnet={"recipe": {"epochs": "many"}})
    expected = f"{config_folder / 'recipes.yaml'}: regnet.recipe.epochs: got 'many', expected an integer"
    assert refusal({"recipes": {"a": {"extends": "convnext"}}}, config_folder) == expected


@pytest.mark.parametrize("name", NAMED)
def test_every_named_recipe_is_valid_and_says_its_source(name):
    recipe = Recipe.from_dict(recipes_of({"mine": {"extends": name}})["mine"])
    assert Recipe.from_record(recipe.to_dict()) == recipe
    assert NAMED[name]["source"] and NAMED[name]["leaves_out"]
