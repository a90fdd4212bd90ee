"""A preset proposed for images that were looked at: what differs from the shipped preset that is nearest, and why."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.datasets import FIRST, trained_recipe
from netspaces.configuration.loading import load
from netspaces.data.image_counts import count_images
from netspaces.data.inspection import Found
from netspaces.networks.complexity import complexity
from netspaces.spaces.space import Space
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.part import made
from netspaces.training.recipe import Recipe

NEAREST = ("digits", "cifar10")  # what a proposed preset may extend, the smaller first
RESOLUTIONS = (8, 16, 32, 64)  # of images that are resized
ENLARGED = 1.25  # at most, from the median short side
STRIDES = {12: ("cifar", [1, 2, 2, 2, 1]), 40: ("cifar", [1, 2, 2, 2, 2]), 80: ("simple", [1, 2, 2, 2, 2])}
"""Stem and strides by the largest resolution that they are for: the last of four stages has 1 to 5 pixels."""
LARGE = ("simple", [2, 2, 2, 2, 2])
ROOT = "AnyNetX_A"  # the design space that the others are made from, whose flops are sampled
CANDIDATES = 50_000
STEPS = 200  # of the shortest recipe at least; 50 are warned of
IMAGES_PER_STEP = (8, 10)  # the smallest batch, and the share of the training images that the largest one is
FEW = 32  # networks of a population on a CPU
ORIGIN = "proposed by snakemake new_preset; docs/how-to/own_data.md says how"


@dataclass(frozen=True)
class Choice:
    """A key of the proposed preset, its value, and why it was chosen; an empty reason goes without saying."""

    key: str
    value: Any
    reason: str = ""


def propose(found: Found, name: str, folder: str | Path, has_gpu: bool) -> list[Choice]:
    """The keys of a preset for some images, in order.

    Parameters
    ----------
    found : what a look at the images found.
    name : of the preset.
    folder : of the configuration, with the presets that may be extended.
    has_gpu : whether networks will train on one.
    """
    resolution, why = _resolution(found)
    presets = {base: load({"preset": base}, folder) for base in NEAREST}
    sizes = {base: _training_pixels(preset) for base, preset in presets.items()}
    pixels = found.train * resolution**2
    base = min(NEAREST, key=lambda known: abs(math.log(pixels / sizes[known])))
    extended = presets[base]
    dataset = found.dataset | {"resolution": resolution, "channels": found.channels, "classes": len(found.per_class)}
    counted = f"{found.train:,} + {found.test:,} images; {why}"
    others = " and ".join(f"{size:.2g} of {known}" for known, size in sizes.items())
    stem, strides = next((of for largest, of in STRIDES.items() if resolution <= largest), LARGE)
    choices = [
        Choice("preset", name),
        Choice(
            "description", f"Images of {dataset.get('folder') or dataset.get('file')}, {resolution}x{resolution} pixels"
        ),
        Choice("extends", base, f"nearest by pixels of all training images, {pixels:.2g} beside {others}"),
        Choice(FIRST, dataset, counted),
        Choice("skeleton", {"stem": stem, "strides": strides}, f"stages at {_sides(resolution, stem, strides)} pixels"),
        Choice("design_spaces", {"RegNetX_free_resolution": {"parameters": {"resolution": _range(resolution)}}}),
    ]
    regimes, why = _regimes(choices, extended, folder)
    choices.append(Choice("regimes", regimes, why))
    recipes, why = _recipes(found, extended)
    choices.append(Choice("recipes", recipes, why))
    return choices + _machine(extended, has_gpu)


def settings_of(choices: Sequence[Choice]) -> dict:
    """The content of the proposed preset's file."""
    return {choice.key: choice.value for choice in choices}


def text_of(choices: Sequence[Choice]) -> str:
    """The proposed preset as a YAML file: a line per key, regimes and recipes with a line for each of theirs."""
    lines: list[str] = []
    for choice in choices:
        comment = f"   # {choice.reason or ORIGIN}" if choice.reason or not lines else ""
        if choice.key in ("regimes", "recipes"):
            lines.append(f"{choice.key}:{comment}")
            lines += [f"  {name}: {_inline(value)}" for name, value in choice.value.items()]
        else:
            lines.append(f"{choice.key}: {_inline(choice.value)}{comment}")
    return "\n".join(lines) + "\n"


def _inline(value: object) -> str:
    """A value in one line of YAML; keys without quotes, text as JSON writes it, which YAML reads."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_inline(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, float):
        return np.format_float_positional(value, trim="0")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:_}"
    return json.dumps(value, ensure_ascii=False)


# ---- Images ----------------------------------------------------------------------------------------------------------


def _resolution(found: Found) -> tuple[int, str]:
    """The resolution, and why."""
    median = int(np.median(found.sides))
    if found.fixed:
        return median, "the arrays' own size"
    fitting = [side for side in RESOLUTIONS if side <= ENLARGED * median] or [RESOLUTIONS[0]]
    seen = f"short sides {min(found.sides)} to {max(found.sides)}, median {median}"
    return fitting[-1], f"{seen}, enlarged by at most a quarter"


def _training_pixels(preset: Configuration) -> float:
    """Pixels of all training images of a shipped preset, which knows their number."""
    dataset = preset.settings[FIRST]
    return count_images(dataset, Path("not prepared")).train * dataset["resolution"] ** 2


def _sides(resolution: int, stem: str, strides: Sequence[int]) -> str:
    """The resolutions of four stages, in words."""
    sides = [math.ceil(resolution / (2 if stem == "simple" else 1))]
    for stride in strides[:4]:
        sides.append(math.ceil(sides[-1] / stride))
    return ", ".join(map(str, sides[1:]))


def _range(resolution: int) -> dict:
    """Half to twice a resolution, in steps of an eighth."""
    step = max(1, resolution // 8)
    low, high = (step * max(1, round(resolution * share / step)) for share in (0.5, 2))
    return {"distribution": "uniform", "low": low, "high": high, "step": step}


# ---- Regimes ---------------------------------------------------------------------------------------------------------


def _regimes(choices: Sequence[Choice], extended: Configuration, folder: str | Path) -> tuple[dict, str]:
    """The extended preset's regimes, all scaled alike, so that `base` lies at the same quantile of sampled flops."""
    theirs, ours = _flops(extended), _flops(load(settings_of(choices), folder))
    high = extended.settings["regimes"]["base"]["flops"][1]
    share = float((theirs <= high).mean())
    scale = float(np.quantile(ours, share)) / high
    regimes = {
        name: {metric: [_rounded(scale * bound) for bound in bounds] for metric, bounds in regime.items()}
        for name, regime in extended.settings["regimes"].items()
    }
    why = f"base ends at the {100 * share:.0f} % quantile of {ROOT}'s flops, as in {extended.preset}"
    return regimes, f"{why}; the others are as many times base as there"


def _flops(configuration: Configuration) -> np.ndarray:
    """The flops of candidates of the root design space, in any regime."""
    space = Space.from_definition(configuration.spaces[ROOT])
    uniforms = np.random.default_rng(0).random((CANDIDATES, space.uniforms_per_draw))
    _, architectures = space.build(space.draw(uniforms))
    return complexity(architectures, space.channels, space.classes).columns()["flops"]


def _rounded(value: float) -> int:
    """A number with three digits."""
    return int(float(f"{value:.3g}"))


# ---- Recipes ---------------------------------------------------------------------------------------------------------


def _recipes(found: Found, extended: Configuration) -> tuple[dict, str]:
    """The extended preset's recipes with another batch, the learning rate with it, and enough epochs."""
    recipes = {k: v for k, v in extended.settings["recipes"].items() if FIRST not in v}
    short = recipes["short"]
    smallest, share = IMAGES_PER_STEP
    largest = min(short["batch_size"], max(smallest, found.train // share))
    batch = min(2 ** int(math.log2(largest)), found.train)
    steps = max(1, found.train // batch)
    times = max(1, math.ceil(STEPS / (steps * short["epochs"])))
    changed = {name: _recipe(recipe, batch, times, found.channels) for name, recipe in recipes.items()}
    epochs = times * short["epochs"]
    why = f"short takes {epochs * steps:,} steps, {epochs} epochs of {steps}; learning rates follow the batch"
    return changed, why


def _recipe(recipe: Mapping, batch: int, times: int, channels: int) -> dict:
    """What changes of a recipe; augmentations for other channels are left out."""
    rate = float(f"{recipe['learning_rate'] * batch / recipe['batch_size']:.3g}")
    changed: dict = {"epochs": times * recipe["epochs"], "batch_size": batch, "learning_rate": rate}
    parts = Recipe.from_dict(trained_recipe(recipe)).augmentation
    fitting = [part for part in parts if channels in (made(AUGMENTATIONS, part).channels or (channels,))]
    if len(fitting) < len(parts):
        changed["augmentation"] = [str(part) for part in fitting]
    return changed


def _machine(extended: Configuration, has_gpu: bool) -> list[Choice]:
    """Where networks train, and how many."""
    if extended.settings["device"] == "cpu" or has_gpu:
        return []
    choices = [Choice("device", "cpu", "there is no GPU here")]
    if extended.settings["population_size"] > FEW:
        choices.append(Choice("population_size", FEW, "for a CPU"))
    return choices
