"""What no schema can check: names that become parts of files, intervals, and references from one part to another."""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from netspaces.configuration.claims import check_claims
from netspaces.configuration.configuration import LIMITS, OWN, Configuration
from netspaces.configuration.curves import IMPORTED
from netspaces.configuration.datasets import fault, trained_recipe
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import Layers
from netspaces.configuration.regimes import check_regimes
from netspaces.configuration.two_phase import check_two_phase
from netspaces.configuration.yaml_files import shown
from netspaces.files.suggestions import did_you_mean, one_of
from netspaces.populations.population import TWO_PHASE
from netspaces.published.torchvision_weights import NAMES
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.part import made
from netspaces.training.recipe import Recipe


def check_settings(layers: Layers) -> None:
    """Check names of regimes and recipes, intervals, datasets and published models; raises ConfigError."""
    for kind in ("regimes", "recipes"):
        for name in layers.settings[kind]:
            _check_name(name, kind, layers)
    for name, regime in layers.settings["regimes"].items():
        for metric, (low, high) in regime.items():
            if not 0 < low < high:
                where = f"{layers.source('regimes', name, metric)}: regimes.{name}.{metric}"
                raise ConfigError(f"{where}: got [{low:g}, {high:g}], expected 0 < low < high")
    if wrong := fault(layers.settings):
        path, message = wrong
        raise ConfigError(f"{layers.source(*path)}: {message}")
    for name, recipe in layers.settings["recipes"].items():
        _check_recipe(name, recipe, layers)
    for model in layers.settings.get("evaluation", {}).get("models", []):
        if model not in NAMES:
            where = f"{layers.source('evaluation', 'models')}: evaluation.models"
            raise ConfigError(f"{where}: got {model!r}, expected {one_of(model, NAMES)}")


def _check_recipe(name: str, recipe: Mapping, layers: Layers) -> None:
    """Check what only the code of training knows of a recipe: options of its parts, values that exclude each other."""
    try:
        Recipe.from_dict(trained_recipe(recipe))
    except ValueError as error:
        message = str(error).removeprefix("recipe: ")
        key = re.split(r"\W", message)[0]
        raise ConfigError(f"{layers.source('recipes', name, key)}: recipes.{name}: {message}") from None


def _check_name(name: str, kind: str, layers: Layers) -> None:
    """Check the name of a regime or recipe, which becomes a part of names of files."""
    if not re.fullmatch("[A-Za-z0-9_]{1,64}", name) or name == IMPORTED:
        but = f", not {IMPORTED}" if name == IMPORTED else ", at most 64 of them"
        where = f"{layers.source(kind, name)}: {kind}"
        raise ConfigError(f"{where}: got {shown(name)}, expected letters, digits and _{but}")


def check_references(configuration: Configuration, layers: Layers, folder: Path) -> None:
    """Check that studies, claims and settings name what there is; raises ConfigError.

    `folder` is that of the files which are named where they are at fault.
    """
    _check_run_studies(configuration, layers)
    check_regimes(configuration, layers)
    for study in configuration.studies:
        source = configuration.sources[study]
        _check_study(study, configuration, source)
        _check_published(study, configuration, folder / "published", source)
    for claim in configuration.claims:
        where = f"{source_of('claims', claim, layers, folder)}: {claim}.populations"
        for curve in configuration.claimed_curves(claim):
            _check_curve(curve, {"space": configuration.spaces}, configuration.settings, where)
    check_claims(configuration, folder / "published", partial(source_of, "claims", layers=layers, folder=folder))
    _check_limits(configuration)
    check_two_phase(configuration, layers)
    _check_population_sizes(configuration, layers)
    _check_strides(configuration, layers)
    _check_augmentation(configuration, layers)


def source_of(kind: str, name: str, layers: Layers, folder: Path) -> str:
    """Where a study or a claim is stated: in the settings if they say anything of it, else in its file."""
    changed = name in layers.settings.get(kind, {})
    return f"{layers.source(kind, name)}: {kind}" if changed else str(folder / f"{kind}.yaml")


def _check_run_studies(configuration: Configuration, layers: Layers) -> None:
    named = configuration.settings["run_studies"]
    chapters = dict.fromkeys([*map(configuration.chapter_of, configuration.studies), OWN])
    known = ["all", *chapters, *configuration.studies]
    for name in [] if named == "all" else named:
        if name not in known:
            expected = one_of(name, known)
            raise ConfigError(f"{layers.source('run_studies')}: run_studies: got {shown(name)}, expected {expected}")


def _check_study(study: str, configuration: Configuration, source: str) -> None:
    """Check one study; one that does not run may want regimes and recipes that the preset lacks."""
    settings, runs = configuration.settings, study in configuration.run_studies
    for space in configuration.studies[study].get("sizes_of", []):
        if space not in configuration.spaces:
            expected = one_of(space, configuration.spaces)
            raise ConfigError(f"{source}: {study}.sizes_of: unknown design space {space!r}, expected {expected}")
    if runs and configuration.studies[study].get("finals") and "final" not in settings["recipes"]:
        raise ConfigError(f"{source}: {study}.finals: the preset has no recipe 'final', expected one")
    known = {"space": configuration.spaces}
    if runs:
        known |= {"regime": settings["regimes"], "recipe": settings["recipes"]}
    for panel, curves in configuration.curves(study).items():
        for curve in curves:
            _check_curve(curve, known, settings, f"{source}: {study}.panels.{panel}")


def _check_published(study: str, configuration: Configuration, folder: Path, source: str) -> None:
    """Check that the paper's numbers which a study shows are there."""
    named = configuration.studies[study].get("published", [])
    for name in [named] if isinstance(named, str) else named:
        if not (folder / name).is_file():
            raise ConfigError(f"{source}: {study}.published: got {name!r}, expected a file of {folder}")


def _check_strides(configuration: Configuration, layers: Layers) -> None:
    """Check that the skeleton has a stride for each stage of the design spaces that run and state none of their own."""
    strides = layers.settings["skeleton"]["strides"]
    for study in configuration.run_studies:
        for space in configuration.spaces_without_strides(study):
            expected = f"{configuration.spaces[space]['stages']}, a stride for each stage of {space} (study {study})"
            where = f"{layers.source('skeleton', 'strides')}: skeleton.strides"
            raise ConfigError(f"{where}: got {shown(strides)}, expected at least {expected}")


def _check_augmentation(configuration: Configuration, layers: Layers) -> None:
    """Check that the recipes that run augment images of as many channels as there are."""
    channels, recipes = layers.settings["dataset"]["channels"], layers.settings["recipes"]
    used = {curve["recipe"] for study in configuration.run_studies for curve in configuration.own_curves(study)}
    used |= {"final" for study in configuration.run_studies if configuration.studies[study].get("finals")}
    for recipe in sorted(used):
        for part in Recipe.from_dict(trained_recipe(recipes[recipe])).augmentation:
            if (expected := made(AUGMENTATIONS, part).channels) and channels not in expected:
                where = f"{layers.source('recipes', recipe, 'augmentation')}: recipes.{recipe}.augmentation"
                expectation = f"one for images of {channels} channels; {part} is for {' or '.join(map(str, expected))}"
                raise ConfigError(f"{where}: got {str(part)!r}, expected {expectation}")


def _check_curve(curve: Mapping, known: Mapping[str, Iterable[str]], settings: Mapping, where: str) -> None:
    """Check that a curve names what there is; `known` are the names that there are, by kind."""
    two_phase = [f"{name}-{TWO_PHASE}" for name in settings.get(TWO_PHASE, {})]
    for kind, names in ({IMPORTED: settings.get(IMPORTED, {})} if IMPORTED in curve else known).items():
        if curve[kind] not in names:
            if curve[kind] in two_phase:
                only = "whose networks only `make two_phase` weighs as its strata ask, expected a design space"
                raise ConfigError(f"{where}: {curve[kind]} is drawn in two phases, {only}")
            expected = one_of(curve[kind], names) if names else f"a key of {kind}"
            raise ConfigError(f"{where}: unknown {kind} {curve[kind]!r}, expected {expected}")


def _check_limits(configuration: Configuration) -> None:
    """Check that the populations that limits are derived from are there, and take none themselves."""
    source, panel = LIMITS
    for study in configuration.run_studies:
        if (spaces := configuration.limited_spaces(study)) and study not in configuration.available_studies:
            where = f"preset {configuration.preset}: {study}: {spaces[0]}.constraints_from"
            raise ConfigError(f"{where}: its limits need the regimes and recipes of {source}; expected none here")
    if configuration.limit_populations and (spaces := configuration.limited_spaces(source)):
        where = f"{source}.panels.{panel}: {spaces[0]}"
        raise ConfigError(f"{where} takes its limits from this study, expected design spaces that take none")


def _check_population_sizes(configuration: Configuration, layers: Layers) -> None:
    """Check that sizes are those of populations there are, if they are given by name and not by a pattern."""
    own = [of.name for of in configuration.populations.values() if not of.strata]
    for name in configuration.settings.get("population_sizes", {}):
        if not set("*?[").intersection(name) and name not in own:
            source = layers.source("population_sizes", name)
            suggested = did_you_mean(name, own)
            raise ConfigError(f"{source}: population_sizes: {name!r} is the name of no population{suggested}")
