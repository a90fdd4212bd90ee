"""The structure of one network as drawings show it: its layers, block by block, with channels and resolutions.

These are the rules that `network` builds modules by, without torch; a test holds the two against each other.
"""

from dataclasses import dataclass

import pandas as pd

from netspaces.networks.architecture import PER_STAGE, SINGULAR, Architecture
from netspaces.networks.complexity import KERNELS
from netspaces.studies.networks import stage_values


@dataclass(frozen=True)
class Layer:
    """A layer with weights: `outputs` channels at `resolution` pixels a side; `after` says what follows it."""

    name: str
    kernel: int
    inputs: int
    outputs: int
    resolution: int
    stride: int = 1
    groups: int = 1
    after: str = "batch norm, ReLU"


@dataclass(frozen=True)
class Block:
    """A block: the layers of its main path, and its shortcut: a projection, "identity" or None."""

    inputs: int
    resolution_in: int
    layers: tuple[Layer, ...]
    shortcut: Layer | str | None

    @property
    def resolution(self) -> int:
        """Pixels a side of its output."""
        return self.layers[-1].resolution


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


def stem_layer(stem: str, width: int, resolution: int, channels: int) -> Layer:
    """The convolution of a stem; the resnet stem's max-pool follows it."""
    stride = 1 if stem == "cifar" else 2
    after = "batch norm, ReLU" + (", 3×3 max-pool" if stem == "resnet" else "")
    return Layer("stem", KERNELS[stem], channels, width, -(-resolution // stride), stride, after=after)


def stage_resolutions(stem: str, resolution: int, strides: tuple[int, ...]) -> list[int]:
    """Pixels a side after the stem and after each stage; every stride rounds up."""
    halvings = {"cifar": 0, "simple": 1, "resnet": 2}[stem]
    for _ in range(halvings):
        resolution = -(-resolution // 2)
    resolutions = [resolution]
    for stride in strides:
        resolutions.append(-(-resolutions[-1] // stride))
    return resolutions


def block_of(architecture: Architecture, stage: int, first: bool) -> Block:
    """A block of a stage (counted from 0): its first, which carries the stride, or any other."""
    resolutions = stage_resolutions(architecture.stem, architecture.resolution, architecture.strides)
    width = architecture.widths[stage]
    inputs = width if not first else (architecture.widths[stage - 1] if stage else architecture.stem_width)
    before, stride = (resolutions[stage], architecture.strides[stage]) if first else (resolutions[stage + 1], 1)
    after = resolutions[stage + 1]
    if architecture.block in ("v", "vr"):
        end = "batch norm, ReLU" if architecture.block == "v" else "batch norm"
        layers = (Layer("conv", architecture.kernels[stage], inputs, width, after, stride, after=end),)
    elif architecture.block == "mb":
        layers = _mobile_layers(architecture, stage, inputs, before, after, stride)
    else:
        layers = _bottleneck_layers(architecture, stage, inputs, before, after, stride)
    identity = inputs == width and stride == 1
    if architecture.block == "v" or (architecture.block == "mb" and not identity):
        return Block(inputs, before, layers, None)
    projection = Layer("projection", 1, inputs, width, after, stride, after="batch norm")
    return Block(inputs, before, layers, "identity" if identity else projection)


def _bottleneck_layers(
    architecture: Architecture, stage: int, inputs: int, before: int, after: int, stride: int
) -> tuple[Layer, ...]:
    width, middle = architecture.widths[stage], architecture.bottleneck_widths[stage]
    groups = middle // architecture.group_widths[stage]
    return (
        Layer("reduce", 1, inputs, middle, before),
        Layer("conv", architecture.kernels[stage], middle, middle, after, stride, groups),
        *_squeeze_excite(architecture, inputs, middle, after),
        Layer("expand", 1, middle, width, after, after="batch norm"),
    )


def _mobile_layers(
    architecture: Architecture, stage: int, inputs: int, before: int, after: int, stride: int
) -> tuple[Layer, ...]:
    ratio = architecture.bottlenecks[stage]
    middle = round(inputs / ratio)
    return (
        *([Layer("expand", 1, inputs, middle, before)] if ratio != 1 else []),
        Layer("conv", architecture.kernels[stage], middle, middle, after, stride, middle),
        *_squeeze_excite(architecture, inputs, middle, after),
        Layer("reduce", 1, middle, architecture.widths[stage], after, after="batch norm"),
    )


def _squeeze_excite(architecture: Architecture, inputs: int, width: int, resolution: int) -> tuple[Layer, ...]:
    squeezed = round(architecture.se_ratio * inputs)
    return (Layer("se", 1, width, width, resolution, after=f"squeezed to {squeezed}"),) if squeezed else ()
