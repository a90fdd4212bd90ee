"""CIFAR-10: 50,000 + 10,000 colour images of 32x32 pixels in ten classes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from netspaces.data.datasets import Split
from netspaces.data.images import Exact
from netspaces.data.parquet import read_shards
from netspaces.data.reader import Reader
from netspaces.data.reduction import factor_of, reduced_in_parts
from netspaces.data.torchvision_layouts import read_layout

SIDE = 32


def read(
    resolution: int,
    classes: int,
    folder: str,
    source: Literal["torchvision", "parquet"] = "torchvision",
    download: bool = False,
    image_column: str = "image",
    label_column: str = "label",
) -> dict[str, Split]:
    """CIFAR-10 in torchvision's layout or in parquet files, made smaller if `resolution` is a part of 32 pixels."""
    factor = factor_of(SIDE, resolution, "cifar10")
    if source == "parquet":
        splits, fit = {"train": ("train",), "test": ("test",)}, Exact(resolution, 3, factor)
        return read_shards(folder, splits, {"train": fit, "test": fit}, (image_column, label_column), classes)
    layout = read_layout("CIFAR10", folder, download, {"train": {"train": True}, "test": {"train": False}})
    return {name: replace(split, images=reduced_in_parts(split.images, factor)) for name, split in layout.items()}


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    return 50_000, 10_000


READER = Reader(read, count)
