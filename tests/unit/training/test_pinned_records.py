"""Results of small trainings, pinned: whoever changes what training computes must raise `TRAINING_VERSION`.

Keys of runs name no source, so nothing else notices that the same inputs give other results. When the change is meant,
raise `TRAINING_VERSION` in netspaces/training/store.py and renew the pins with

    PYTHONPATH=scripts python tests/unit/training/test_pinned_records.py

Processors add numbers in another order, so results have tolerances. Without vector instructions and without oneDNN,
losses and sums of weights in fp32 moved by 2e-7 of themselves at most, in bf16 by 1e-4: the tolerances are 50 times
that and more. A changed generator, order of initialisation, optimiser or schedule moves them further, as a test below
shows. Random numbers are the same to the last bit.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from netspaces.data.datasets import Dataset, Split
from netspaces.networks.architecture import Architecture
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.layers import ACTIVATIONS
from netspaces.networks.stems import STEMS
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.batches import draw
from netspaces.training.device import precision_on
from netspaces.training.losses import LOSSES
from netspaces.training.mixings import MIXINGS
from netspaces.training.optimisers import OPTIMISERS
from netspaces.training.random_numbers import generator
from netspaces.training.recipe import AUTO, DECAYING, LAYOUTS, PRECISIONS, RATE_UPDATES, Recipe
from netspaces.training.run import Run
from netspaces.training.schedules import SCHEDULES
from netspaces.training.store import TRAINING_VERSION
from netspaces.training.targets import TARGETS

PINS = Path(__file__).with_suffix(".json")
REMEDY = (
    "results changed: raise TRAINING_VERSION in training/store.py and renew the pins with "
    "`PYTHONPATH=scripts python tests/unit/training/test_pinned_records.py`"
)
FP32, BF16 = 1e-4, 5e-3  # relative tolerances
ONE_IMAGE = 100 / 16  # per cent: rounding may turn a close decision

X = Architecture("x", "cifar", 8, 8, 0.25, (1, 2), (8, 16), (1.0, 2.0), (4, 8), (1, 2))
R = replace(X, block="r", se_ratio=0.0, group_widths=(8, 8))
V = replace(X, block="v", se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1))
MB = replace(X, block="mb", bottlenecks=(0.25, 0.25), group_widths=(1, 1), activation="silu", head_width=32)
CASES: dict[str, tuple[Architecture, dict]] = {
    "x": (X, {}),
    "x without SE, b below 1, kernels of 5": (replace(X, se_ratio=0.0, bottlenecks=(0.5, 0.5), kernels=(5, 3)), {}),
    "r": (R, {}),
    "v": (V, {}),
    "vr": (replace(V, block="vr"), {}),
    "gelu": (replace(V, block="vr", activation="gelu"), {}),
    "mb": (MB, {}),
    "stem simple": (replace(X, stem="simple", resolution=12), {}),
    "stem resnet": (replace(X, stem="resnet", resolution=16), {}),
    **{name: (X, {"augmentation": [name]}) for name in ("colour", "crop", "flip", "lighting", "random_resized_crop")},
    "all augmentations": (X, {"augmentation": ["random_resized_crop", "crop", "flip", "colour", "lighting"]}),
    **{name: (X, {"augmentation": [name]}) for name in ("rand_augment", "random_erasing", "trivial_augment")},
    "augmentations with options": (
        V,
        {
            "augmentation": [
                "flip",
                {"name": "rand_augment", "operations": 3, "magnitude": 20},
                {"name": "random_erasing", "probability": 0.9},
            ]
        },
    ),
    "rotation": (V, {"target": "rotation", "augmentation": ["flip"]}),
    "bf16": (X, {"precision": "bf16"}),
    "bf16 after fp32": (R, {"precision": "bf16", "fp32_epochs": 0.5}),
    "tf32": (X, {"precision": "tf32"}),
    "layout": (X, {"layout": "contiguous_format"}),
    "average": (X, {"ema_decay": 0.9}),
    "zero_init_residual": (R, {"zero_init_residual": True}),
    "precise_batch_norm": (X, {"precise_batch_norm": 16, "augmentation": ["crop"]}),
    "precise_batch_norm of an average": (X, {"precise_batch_norm": 24, "ema_decay": 0.9}),
    "label_smoothing": (V, {"label_smoothing": 0.1}),
    "warm-up": (V, {"warmup_epochs": 0.5, "warmup_factor": 0.2}),
    "rates per epoch": (V, {"update_rate_every": "epoch"}),
    "optimiser": (V, {"momentum": 0.5, "nesterov": False, "weight_decay": 0.05, "learning_rate": 0.2}),
    "no momentum": (V, {"momentum": 0.0, "nesterov": False}),
    "adamw": (X, {"optimiser": "adamw", "learning_rate": 0.01}),
    "adamw with options": (
        V,
        {
            "optimiser": {"name": "adamw", "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-4},
            "weight_decay": 0.1,
            "learning_rate": 0.01,
        },
    ),
    "rmsprop": (X, {"optimiser": "rmsprop", "learning_rate": 0.01}),
    "rmsprop with options": (
        V,
        {"optimiser": {"name": "rmsprop", "alpha": 0.7, "momentum": 0.5, "epsilon": 0.1}, "weight_decay": 0.1},
    ),
    "lamb": (X, {"optimiser": "lamb", "weight_decay": 0.02, "weight_decay_on": "weights"}),
    "lamb with options": (V, {"optimiser": {"name": "lamb", "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}}),
    "binary_cross_entropy": (X, {"loss": "binary_cross_entropy", "label_smoothing": 0.1}),
    "binary_cross_entropy of mixed images": (
        V,
        {"loss": {"name": "binary_cross_entropy", "threshold": 0.2}, "mixing": ["mixup", "cutmix"]},
    ),
    "mixup": (X, {"mixing": ["mixup"], "augmentation": ["crop"]}),
    "cutmix": (X, {"mixing": ["cutmix"], "label_smoothing": 0.1}),
    "mixings with options": (
        V,
        {"mixing": [{"name": "mixup", "alpha": 0.8}, {"name": "cutmix", "alpha": 0.5, "probability": 0.5}]},
    ),
    "drop_path": (replace(X, depths=(2, 2)), {"drop_path": 0.4}),
    "dropout": (MB, {"dropout": 0.3, "drop_path": 0.2}),
    "weight_decay_on": (X, {"weight_decay": 0.5, "weight_decay_on": "weights"}),
    "gradient_norm": (V, {"gradient_norm": 0.5}),
    **{f"schedule {name}": (V, {"schedule": name}) for name in ("constant", "linear", "milestones", "step")},
    "schedule step with options": (V, {"schedule": {"name": "step", "every": 0.3, "factor": 0.5}}),
    "schedule milestones with options": (V, {"schedule": {"name": "milestones", "at": [0.3, 0.7], "factor": 0.5}}),
    "schedule cosine with options": (V, {"schedule": {"name": "cosine", "final": 0.5}}),
    "schedule linear with options": (V, {"schedule": {"name": "linear", "final": 0.5}}),
}


def split(images: int, start: int) -> Split:
    """Images of a pattern that no random number decides, a little brighter in later classes."""
    pixels = (np.arange(start, start + images * 192).reshape(images, 8, 8, 3) ** 2 * 7919) % 211
    labels = np.arange(images) % 4
    return Split((pixels + 10 * labels[:, None, None, None]).astype(np.uint8), labels)


DATASET = Dataset(split(32, 0), split(16, 50_000), 4, (0.45, 0.45, 0.45), (0.25, 0.25, 0.25), "pinned")


def sums(network: torch.nn.Module) -> list[float]:
    """The sum of the weights and statistics of a network, and that of their sizes."""
    numbers = [value for value in network.state_dict().values() if value.is_floating_point()]
    values = torch.cat([value.double().flatten() for value in numbers])
    return [float(values.sum()), float(values.abs().sum())]


def results(name: str) -> dict:
    """What one epoch of four steps gives."""
    architecture, recipe = CASES[name]
    run = Run(architecture, Recipe.from_dict({"epochs": 1, "batch_size": 8} | recipe), 5, DATASET)
    initial = sums(run.network)
    run.train(lambda: False, lambda: None, 60.0)
    average = {"average": sums(run.evaluated)} if run.average else {}
    return {"initial": initial} | run.epochs[0] | {"network": sums(run.network)} | average


def random_numbers() -> dict:
    """Random numbers that are the same on every processor, of each purpose."""
    recipe = Recipe(epochs=1, batch_size=8, target="rotation", augmentation=("crop", "flip"))
    batches = Run(X, recipe, 5, DATASET).batches
    plan = batches.order(1)
    uniform = draw(["crop", "flip"], 2, lambda place: generator(7, 2, 0, place))
    return {
        "order": torch.cat(list(plan)).tolist(),
        "turns": next(batches.examples(1, plan))[1].tolist(),
        "uniform": {name: numbers.tolist() for name, numbers in uniform.items()},
    }


@pytest.fixture(scope="module")
def pins() -> dict:
    return json.loads(PINS.read_text())


def check(measured: dict, expected: dict, tolerance: float) -> None:
    for part, value in expected.items():
        close = {"abs": ONE_IMAGE + 1e-9} if part.endswith("error") else {"rel": tolerance}
        assert measured[part] == pytest.approx(value, **close), f"{part}: {REMEDY}"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("one_thread")
def test_small_trainings_give_the_results_of_their_version(pins, name):
    rounded = CASES[name][1].get("precision") == "bf16"
    check(results(name), pins["results"][name], BF16 if rounded else FP32)


@pytest.mark.usefixtures("one_thread")
def test_the_automatic_precision_gives_the_results_of_the_one_that_it_means(pins, monkeypatch):
    means = precision_on(torch.device("cpu"), "auto")
    monkeypatch.setitem(CASES, "auto", (X, {"precision": "auto"}))
    name, tolerance = {"fp32": ("x", FP32), "bf16": ("bf16", BF16)}[means]
    check(results("auto"), pins["results"][name], tolerance)


def test_random_numbers_are_those_of_their_version(pins):
    assert random_numbers() == pins["random_numbers"], REMEDY


def test_the_pins_are_of_this_version(pins):
    assert pins["training_version"] == TRAINING_VERSION, REMEDY
    assert list(pins["results"]) == list(CASES), REMEDY


def test_every_part_and_option_of_training_is_pinned():
    architectures = [architecture for architecture, _ in CASES.values()]
    recipes = [Recipe.from_dict({"epochs": 1} | recipe) for _, recipe in CASES.values()]
    assert {each.block for each in architectures} == set(BLOCKS)
    assert {each.stem for each in architectures} == set(STEMS)
    assert {each.activation for each in architectures} == set(ACTIVATIONS)
    assert {str(part) for recipe in recipes for part in recipe.augmentation} == set(AUGMENTATIONS)
    assert {str(part) for recipe in recipes for part in recipe.mixing} == set(MIXINGS)
    choices = {
        "optimiser": OPTIMISERS,
        "schedule": SCHEDULES,
        "loss": LOSSES,
        "target": TARGETS,
        "weight_decay_on": DECAYING,
        "precision": {*PRECISIONS} - {AUTO},  # which has a test of its own
        "layout": LAYOUTS,
        "update_rate_every": RATE_UPDATES,
    }
    for field, names in choices.items():
        assert {str(getattr(recipe, field)) for recipe in recipes} == set(names), field
    default = Recipe(epochs=1, batch_size=8)
    same = {name for name in vars(default) if all(getattr(recipe, name) == vars(default)[name] for recipe in recipes)}
    assert same <= {"epochs", "batch_size"}


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("change", ["seed", "rate", "optimiser"])
def test_a_change_of_what_training_computes_is_noticed(pins, monkeypatch, change):
    if change == "seed":
        monkeypatch.setattr("netspaces.training.run.WEIGHTS", 9)
    elif change == "rate":
        original = Recipe.rate
        monkeypatch.setattr(Recipe, "rate", lambda recipe, progress: 0.99 * original(recipe, progress))
    else:
        monkeypatch.setitem(CASES, "x", (X, {"momentum": 0.89}))
    with pytest.raises(AssertionError, match="raise TRAINING_VERSION"):
        check(results("x"), pins["results"]["x"], FP32)


def rounded_to(digits: int, value: object) -> object:
    """A value with so many significant digits in every number."""
    if isinstance(value, dict):
        return {name: rounded_to(digits, part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded_to(digits, part) for part in value]
    return float(f"{value:.{digits}g}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    pinned = {
        "training_version": TRAINING_VERSION,
        "results": {name: rounded_to(8, results(name)) for name in CASES},
        "random_numbers": random_numbers(),
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in pinned["results"].items()]
    text = ",\n".join(lines)
    PINS.write_text(
        f'{{\n "training_version": {TRAINING_VERSION},\n "results": {{\n{text}\n }},\n'
        f' "random_numbers": {json.dumps(pinned["random_numbers"])}\n}}\n'
    )
    print(f"{PINS}: {len(CASES)} trainings of version {TRAINING_VERSION}", file=sys.stderr)
