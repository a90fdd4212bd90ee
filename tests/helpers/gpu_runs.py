"""Small networks of every kind, and runs of them, to hold a GPU to what a CPU and an eager step compute."""

from dataclasses import replace

import torch
from netspaces.data.datasets import Dataset
from netspaces.networks.architecture import Architecture
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run

from helpers.small_runs import make_dataset

X = Architecture("x", "cifar", 16, 32, 0.25, (1, 2), (16, 32), (1.0, 2.0), (8, 16), (1, 2))
KINDS = {
    "x": X,
    "x, group width 1": replace(X, bottlenecks=(1.0, 1.0), group_widths=(1, 1)),
    "x, group width 2, kernels of 5": replace(X, se_ratio=0.0, group_widths=(2, 2), kernels=(5, 5)),
    "r": replace(X, block="r", se_ratio=0.0, group_widths=(16, 16)),
    "v": replace(X, block="v", se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1)),
    "vr": replace(X, block="vr", se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1)),
    "mb": replace(X, block="mb", bottlenecks=(0.25, 0.25), group_widths=(1, 1), activation="silu", head_width=64),
    "stem simple": replace(X, stem="simple"),
    "stem resnet": replace(X, stem="resnet"),
}
PRECISIONS = ("fp32", "tf32", "bf16")
LAYOUTS = ("channels_last", "contiguous_format")
RECIPE = {"epochs": 3, "batch_size": 32, "learning_rate": 0.1, "weight_decay": 5e-4, "augmentation": ["crop", "flip"]}
DATASET: Dataset = make_dataset(train=512, test=200, size=32, channels=3, classes=10)


def make_run(kind: str, device: str, accumulation: int = 1, **recipe) -> Run:
    return Run(KINDS[kind], Recipe.from_dict(RECIPE | recipe), 0, DATASET, device, accumulation)


def first_losses(run: Run, steps: int = 4) -> list[float]:
    """The losses of the first steps, on batches in the order of the images."""
    losses = []
    size = run.batches.batch
    for step in range(steps):
        rows = torch.arange(size * step, size * (step + 1)).to(run.batches.train.images.index_device)
        before = float(run.loss)
        images, expected = next(run.batches.examples(0, [rows]))
        run.train_step(images, expected, run.rate_at(step))
        losses.append(float(run.loss) - before)
    return losses
