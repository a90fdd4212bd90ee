"""The datasets of a preset: `dataset`, and perhaps `second_dataset`, on which some of its recipes train.

A dataset's key in the configuration is also the name of its folder below `results/<preset>/`. Which one a recipe trains
on is no part of the recipe that training sees: a run's key holds the dataset's checksum.
"""

from collections.abc import Mapping

from netspaces.data.options import complaint

FIRST, SECOND = "dataset", "second_dataset"
CHOICES = {"second": SECOND}  # what a recipe's key `dataset` may say
SAME = ("resolution", "channels", "classes")  # of both datasets: complexity and networks depend on them


def datasets_of(settings: Mapping) -> list[str]:
    """The keys of a preset's datasets."""
    return [key for key in (FIRST, SECOND) if key in settings]


def dataset_of(recipe: Mapping) -> str:
    """The key of the dataset that a recipe trains on."""
    return CHOICES[recipe["dataset"]] if "dataset" in recipe else FIRST


def trained_recipe(recipe: Mapping) -> dict:
    """A recipe as training sees it, without what says which dataset it trains on."""
    return {key: value for key, value in recipe.items() if key != "dataset"}


def without_second(settings: Mapping) -> dict:
    """Settings without the second dataset and the recipes that train on it."""
    recipes = {k: recipe for k, recipe in settings.get("recipes", {}).items() if dataset_of(recipe) == FIRST}
    kept = {key: value for key, value in settings.items() if key != SECOND}
    return kept | ({"recipes": recipes} if "recipes" in settings else {})


def fault(settings: Mapping) -> tuple[tuple[str, ...], str] | None:
    """What is wrong with the datasets of a preset: the path of the key at fault, and a message; None if nothing is."""
    for key in (FIRST, SECOND):
        if key in settings and (wrong := complaint(settings[key])):
            option, message = wrong
            return (key, option), message.replace(FIRST, key, 1)
    for key in SAME if SECOND in settings else ():
        given, expected = settings[SECOND][key], settings[FIRST][key]
        if given != expected:
            return (SECOND, key), f"{SECOND}.{key}: got {given}, expected {expected}, as of dataset"
    for name, recipe in settings["recipes"].items():
        path = ("recipes", name, "dataset")
        if dataset_of(recipe) == SECOND and SECOND not in settings:
            return path, f"recipes.{name}.dataset: the preset has no {SECOND}, expected one"
        if name == "final" and "dataset" in recipe:
            return path, "recipes.final.dataset: got 'second', expected none: top models stay with their dataset"
    return None
