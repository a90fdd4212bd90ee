"""The structure of one network as drawings show it: the layers of its blocks, each with the resolution of its output.

The layers are those that blocks, stems and heads declare, and that modules and complexity follow from.
"""

from dataclasses import dataclass

import pandas as pd

from netspaces.networks.architecture import PER_STAGE, SINGULAR, Architecture
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.layers import Layer
from netspaces.networks.stems import STEMS
from netspaces.studies.networks import stage_values


@dataclass(frozen=True)
class DrawnLayer:
    """A layer and the resolution of its output, in pixels a side."""

    layer: Layer
    resolution: int


@dataclass(frozen=True)
class DrawnBlock:
    """A block: the layers of its main path, and what is added to their output: a projection, "identity" or None."""

    inputs: int
    resolution_in: int
    layers: tuple[DrawnLayer, ...]
    shortcut: Layer | str | None
    final_activation: bool


def architecture_of(row: pd.Series) -> Architecture:
    """The architecture of one row of a population table."""
    per_stage = {name: tuple(stage_values(row, SINGULAR[name]).tolist()) for name in PER_STAGE}
    integers = {name: tuple(map(int, per_stage[name])) for name in PER_STAGE if name != "bottlenecks"}
    return Architecture(
        block=str(row["block"]),
        stem=str(row["stem"]),
        stem_width=int(row["stem_width"]),
        resolution=int(row["resolution"]),
        se_ratio=float(row["se_ratio"]),
        activation=str(row["activation"]),
        head_width=int(row["head_width"]),
        bottlenecks=per_stage["bottlenecks"],
        **integers,
    )


def stage_resolutions(stem: str, resolution: int, strides: tuple[int, ...]) -> list[int]:
    """Pixels a side after the stem and after each stage; every stride rounds up."""
    for layer in STEMS[stem].layers(channels=0, width=0):
        resolution = layer.resolution_after(resolution)
    resolutions = [resolution]
    for stride in strides:
        resolutions.append(-(-resolutions[-1] // stride))
    return resolutions


def drawn_block(architecture: Architecture, stage: int, first: bool) -> DrawnBlock:
    """A block of a stage (counted from 0): its first, which carries the stride, or any other."""
    block, shape = BLOCKS[architecture.block], architecture.block_shape(stage, first)
    resolutions = stage_resolutions(architecture.stem, architecture.resolution, architecture.strides)
    resolution = resolution_in = resolutions[stage if first else stage + 1]
    layers = []
    for layer in block.layers(shape):
        resolution = layer.resolution_after(resolution)
        if layer.present:
            layers.append(DrawnLayer(layer, resolution))
    shortcut: Layer | str | None = "identity" if block.is_residual(shape) else None
    projection = block.projection(shape)
    if projection is not None and projection.present:
        shortcut = projection
    return DrawnBlock(shape.inputs, resolution_in, tuple(layers), shortcut, block.final_activation)
