"""Small runs to test training with: a dataset, an architecture, a recipe, and processes that train."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from hypothesis import settings
from netspaces.data.datasets import Dataset, Split
from netspaces.networks.architecture import Architecture
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run
from netspaces.training.train import train_network

from helpers.patience import PATIENCE

SCRIPTS = Path(__file__).parents[2] / "scripts"
ARCHITECTURE = Architecture("x", "cifar", 4, 6, 0.25, (1, 2), (8, 16), (1.0, 2.0), (4, 8), (1, 2))
OTHERS = [
    replace(ARCHITECTURE, block="v", se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1)),
    replace(ARCHITECTURE, depths=(1, 1), se_ratio=0.0),
]
VARIED = [  # an architecture and a recipe for each block and each part of a run's state
    (ARCHITECTURE, {"epochs": 9, "ema_decay": 0.9, "augmentation": ["crop", "flip"]}),
    (OTHERS[0], {"epochs": 9, "precision": "bf16"}),
    (
        replace(OTHERS[0], block="vr"),
        {"epochs": 9, "target": "rotation", "augmentation": ["colour"], "ema_decay": 0.5},
    ),
    (
        replace(ARCHITECTURE, block="r", se_ratio=0.0, group_widths=(8, 8)),
        {"epochs": 9, "zero_init_residual": True, "warmup_epochs": 2, "label_smoothing": 0.1},
    ),
]
COMPLEXITY = {"flops": 1, "params": 2, "activations": 3}
RECIPE = {"epochs": 3, "batch_size": 12, "learning_rate": 0.1}
STEPS = 4  # of an epoch
LONG = {"epochs": 50, "ema_decay": 0.9}
TIMINGS = ("seconds", "images_per_second", "peak_memory_mb")
laws = settings(deadline=None, derandomize=True, max_examples=25)


def make_dataset(train: int = 50, test: int = 20, size: int = 6, channels: int = 1, classes: int = 4) -> Dataset:
    """Images whose brightness says a little of their class."""
    generator = np.random.default_rng(0)

    def split(n: int) -> Split:
        labels = np.arange(n) % classes
        images = generator.integers(0, 160, (n, size, size, channels)) + 20 * labels[:, None, None, None]
        return Split(images.astype(np.uint8), labels)

    parts = split(train), split(test)
    pixels = parts[0].images.reshape(-1, channels) / 255
    return Dataset(*parts, classes, tuple(pixels.mean(0).tolist()), tuple(pixels.std(0).tolist()), "checksum")


DATASET = make_dataset()


def train(store, architecture=ARCHITECTURE, recipe=None, seed=0, dataset=DATASET, **options) -> dict:
    """Train one network with the recipe of these tests, or with what differs from it."""
    return train_network(architecture, COMPLEXITY, RECIPE | (recipe or {}), seed, dataset, store, **options)


def comparable(record: dict) -> str:
    """A record's bytes, timings aside."""
    return json.dumps({name: value for name, value in record.items() if name not in TIMINGS})


def stop_after(calls: int):
    """A `stopping` that says so at the given call, that is after so many steps."""
    counter = iter(range(1, 10**6))
    return lambda: next(counter) == calls


def make_run(**recipe) -> Run:
    return Run(ARCHITECTURE, Recipe.from_dict(RECIPE | recipe), 0, DATASET)


def examples(run: Run, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Training images as the run's network gets them in the present epoch, and what is right of each."""
    return next(run.batches.examples(len(run.epochs), [rows]))


def step_on(run: Run, rows: torch.Tensor, rate: float = 0.1) -> None:
    """One step on the training images `rows`."""
    run.train_step(*examples(run, rows), rate)


def run_steps(run: Run, steps: int, rate: float = 0.1) -> None:
    """Steps on batches of consecutive images."""
    for step in range(steps):
        step_on(run, (torch.arange(12) + 12 * step) % 50, rate)


@functools.cache
def undisturbed(ema: float) -> str:
    with tempfile.TemporaryDirectory() as store:
        return comparable(train(store, recipe={"ema_decay": ema}))


def validated() -> Dataset:
    """The dataset with a validation split."""
    return replace(DATASET, validation=make_dataset(test=28).test)


# ---- Processes -------------------------------------------------------------------------------------------------------

PREAMBLE = """
import os
import sys
from pathlib import Path
sys.path[:0] = ["{scripts}", "{tests}"]
from netspaces.training.process import Interrupted, StopRequest, set_up_process
from netspaces.training.train import train_network
"""


def start(code: str, *arguments: object, **environment: str) -> subprocess.Popen:
    """A Python process of its own, its standard streams in pipes."""
    preamble = PREAMBLE.format(scripts=SCRIPTS, tests=Path(__file__).parents[1])
    command = [sys.executable, "-c", preamble + code, *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | environment
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(command, env=environment, **pipes, text=True)


def output_of(code: str, *arguments: object, **environment: str) -> list[str]:
    """The lines that a process prints, which must end well."""
    process = start(code, *arguments, **environment)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    return out.splitlines()
