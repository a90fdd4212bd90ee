"""Published models in our terms: their architectures, and their complexity as the authors' code counts it.

The file is config/published/models.csv: RegNets, ResNets, ResNeXts and EfficientNets of the paper's tables.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from netspaces.networks.architecture import Architecture

STEMS = {"simple_stem_in": "simple", "effnet_stem_in": "simple", "res_stem_in": "resnet", "res_stem_cifar": "cifar"}
BLOCKS = {"res_bottleneck_block": "x", "vanilla_block": "v", "mbconv": "mb"}


@dataclass(frozen=True)
class Published:
    """A published model: its row, its architecture in our terms, and its exact complexity."""

    row: Mapping[str, str]
    architecture: Architecture
    flops: int
    params: int
    activations_all: int
    classes: int


def published_models(path: str | Path) -> dict[str, Published]:
    """The models of a file by name, those that our blocks can express: all but ResNets of basic blocks."""
    with Path(path).open() as file:
        rows = [row for row in csv.DictReader(file) if row["block"] in BLOCKS]
    return {
        row["model"]: Published(
            row=row,
            architecture=published_architecture(row),
            flops=int(row["flops"]),
            params=int(row["params"]),
            activations_all=int(row["acts"]),
            classes=10 if row["dataset"] == "cifar10" else 1000,
        )
        for row in rows
    }


def published_architecture(row: Mapping[str, str]) -> Architecture:
    """The architecture that a row describes; raises ValueError if none of our blocks is that of the model."""
    if row["block"] not in BLOCKS:
        expected = ", ".join(BLOCKS)
        raise ValueError(f"{row['model']}: block is {row['block']!r}, expected one of {expected}")
    block, depths, widths = BLOCKS[row["block"]], _numbers(row["ds"]), _numbers(row["ws"])
    stages = len(depths)
    if block == "v":  # two 3x3 convolutions, the first with the stride: two of our blocks v
        depths = tuple(2 * depth for depth in depths)
    if block == "x" and row["family"] == "ResNet":
        block = "r"
    multipliers = _numbers(row["bottleneck"] or "1", float)  # the authors give 1/b, for all stages or for each
    multipliers = multipliers * (stages if len(multipliers) == 1 else 1)
    return Architecture(
        block=block,
        stem=STEMS[row["stem"]],
        stem_width=int(row["stem_w"]),
        resolution=int(row["train_res"]),
        se_ratio=float(row["se_ratio"]),
        depths=depths,
        widths=widths,
        bottlenecks=tuple(1 / multiplier for multiplier in multipliers),
        group_widths=(1,) * stages if block in ("v", "mb") else _numbers(row["gs"]),
        strides=_numbers(row["strides"]),
        kernels=_numbers(row["kernels"]) if row["kernels"] else (),
        activation=row["activation"],
        head_width=int(row["head_w"]),
    )


def _numbers(cell: str, number: type = int) -> tuple:
    return tuple(number(value) for value in cell.split(";"))
