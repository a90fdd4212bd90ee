"""Architectures to test with: random ones, and the published ones with their exact complexity."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from netspaces.architecture import BLOCKS, STEMS, Architecture, make_compatible

PUBLISHED = Path(__file__).parents[2] / "config" / "published" / "models.csv"
STEM_NAMES = {"simple_stem_in": "simple", "res_stem_in": "resnet", "res_stem_cifar": "cifar"}


@st.composite
def architectures(draw, blocks=BLOCKS, stems=STEMS, max_stages=5, max_depth=3) -> Architecture:
    """Random compatible architectures, small enough to build and run in milliseconds."""
    block = draw(st.sampled_from(blocks))
    stages = draw(st.integers(1, max_stages))

    def per_stage(values) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=stages, max_size=stages)))

    widths, bottlenecks, group_widths = make_compatible(
        per_stage(st.integers(1, 24)),
        per_stage(st.sampled_from([0.25, 0.5, 1.0, 2.0, 4.0])),
        per_stage(st.integers(1, 16)),
        block,
    )
    return Architecture(
        block=block,
        stem=draw(st.sampled_from(stems)),
        stem_width=draw(st.integers(1, 16)),
        resolution=draw(st.integers(5, 33)),
        se_ratio=0.0 if block in ("v", "vr") else draw(st.sampled_from([0.0, 0.25, 0.5])),
        depths=tuple(per_stage(st.integers(1, max_depth)).tolist()),
        widths=tuple(widths.tolist()),
        bottlenecks=tuple(bottlenecks.tolist()),
        group_widths=tuple(group_widths.tolist()),
        strides=tuple(per_stage(st.sampled_from([1, 2])).tolist()),
    )


@dataclass(frozen=True)
class Published:
    """A published model: its row, its architecture in our terms, and its exact complexity."""

    row: dict[str, str]
    architecture: Architecture
    flops: int
    params: int
    activations_all: int
    classes: int


def published() -> dict[str, Published]:
    """The published models that our blocks can express, by name: all but EfficientNets and basic-block ResNets."""
    with PUBLISHED.open() as file:
        rows = list(csv.DictReader(file))
    return {row["model"]: _published(row) for row in rows if row["block"] in ("res_bottleneck_block", "vanilla_block")}


def _published(row: dict[str, str]) -> Published:
    widths, depths, strides = (_integers(row[name]) for name in ("ws", "ds", "strides"))
    if row["block"] == "vanilla_block":  # two 3x3 convolutions, the first with the stride: two of our blocks v
        block, bottlenecks, group_widths = "v", (1.0,) * len(widths), (1,) * len(widths)
        depths = tuple(2 * depth for depth in depths)
    else:  # the authors give the multiplier 1/b
        bottlenecks, group_widths = (1 / float(row["bottleneck"]),) * len(widths), _integers(row["gs"])
        block = "r" if row["family"] == "ResNet" else "x"
    return Published(
        row=row,
        architecture=Architecture(
            block=block,
            stem=STEM_NAMES[row["stem"]],
            stem_width=int(row["stem_w"]),
            resolution=int(row["train_res"]),
            se_ratio=float(row["se_ratio"]),
            depths=depths,
            widths=widths,
            bottlenecks=bottlenecks,
            group_widths=group_widths,
            strides=strides,
        ),
        flops=int(row["flops"]),
        params=int(row["params"]),
        activations_all=int(row["acts"]),
        classes=10 if row["dataset"] == "cifar10" else 1000,
    )


def _integers(cell: str) -> tuple[int, ...]:
    return tuple(int(value) for value in cell.split(";"))
