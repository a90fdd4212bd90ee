"""Published models in our terms: their architectures, and their complexity as the authors' code counts it.

The file is config/published/models.csv: RegNets, ResNets, ResNeXts and EfficientNets of the paper's tables. A cell with
a value per stage holds them separated by semicolons.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from netspaces.networks.architecture import Architecture
from netspaces.networks.authors_names import AUTHORS_BLOCKS, AUTHORS_STEMS

PAPER_BATCH = 64  # images for which the paper prints times of inference
IMAGENET_CLASSES, CIFAR_CLASSES = 1000, 10
Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Published:
    """A published model: its family, its architecture in our terms, and its exact complexity."""

    family: str
    architecture: Architecture
    flops: int
    params: int
    activations_all: int
    classes: int


def read_models(path: str | Path) -> dict[str, dict[str, str]]:
    """The rows of models.csv by model; cells are text."""
    with Path(path).open(encoding="utf-8") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


def published_models(path: str | Path) -> dict[str, Published]:
    """The models of models.csv by name, those that our blocks can express: all but ResNets of basic blocks."""
    rows = read_models(path)
    return {name: _published(row) for name, row in rows.items() if AUTHORS_BLOCKS[row["block"]].block is not None}


def _published(row: Mapping) -> Published:
    return Published(
        family=row["family"],
        architecture=published_architecture(row),
        flops=int(row["flops"]),
        params=int(row["params"]),
        activations_all=int(row["acts"]),
        classes=CIFAR_CLASSES if row["dataset"] == "cifar10" else IMAGENET_CLASSES,
    )


def published_architecture(row: Mapping) -> Architecture:
    """The architecture of a row of models.csv, whose cells are text or, as pandas reads them, numbers.

    Raises ValueError if none of our blocks is that of the model.
    """
    theirs = AUTHORS_BLOCKS.get(row["block"])
    if theirs is None or theirs.block is None:
        expected = ", ".join(name for name, ours in AUTHORS_BLOCKS.items() if ours.block is not None)
        raise ValueError(f"{row['model']}: block is {row['block']!r}, expected one of {expected}")
    block = "r" if theirs.block == "x" and row["family"] == "ResNet" else theirs.block
    depths = tuple(theirs.count * depth for depth in _per_stage(row["ds"], int))
    stages = len(depths)
    multipliers = _per_stage(row["bottleneck"], float) or (1.0,)  # the authors give 1/b, for all stages or for each
    multipliers = multipliers * (stages if len(multipliers) == 1 else 1)
    return Architecture(
        block=block,
        stem=AUTHORS_STEMS[row["stem"]],
        stem_width=int(row["stem_w"]),
        resolution=int(row["train_res"]),
        se_ratio=float(row["se_ratio"]),
        depths=depths,
        widths=_per_stage(row["ws"], int),
        bottlenecks=tuple(1 / multiplier for multiplier in multipliers),
        group_widths=(1,) * stages if block in ("v", "mb") else _per_stage(row["gs"], int),
        strides=_per_stage(row["strides"], int),
        kernels=_per_stage(row["kernels"], int),
        activation=row["activation"],
        head_width=int(row["head_w"]),
    )


def _per_stage(cell: str | float, number: Callable[[str | float], Number]) -> tuple[Number, ...]:
    """The numbers of a cell: none of an empty one (pandas' NaN), one of a cell that holds a number and no text."""
    if cell == "" or cell != cell:
        return ()
    return tuple(number(value) for value in (cell.split(";") if isinstance(cell, str) else [cell]))
