"""CIFAR-10: 50,000 + 10,000 colour images of 32x32 pixels in ten classes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.images import Exact
from netspaces.data.parquet import read_shards
from netspaces.data.reader import Reader
from netspaces.data.torchvision_import import import_torchvision


def read(
    classes: int,
    folder: str,
    source: Literal["torchvision", "parquet"] = "torchvision",
    download: bool = False,
    image_column: str = "image",
    label_column: str = "label",
) -> dict[str, Split]:
    """CIFAR-10 in torchvision's layout or in parquet files."""
    if source == "parquet":
        splits, fit = {"train": ("train",), "test": ("test",)}, Exact(32, 3)
        return read_shards(folder, splits, {"train": fit, "test": fit}, (image_column, label_column), classes)
    root, cifar = Path(folder).expanduser(), import_torchvision().datasets.CIFAR10
    try:
        parts = {"train": cifar(root, train=True, download=download), "test": cifar(root, train=False)}
    except (RuntimeError, OSError) as error:
        hint = "the download failed" if download else "download: true fetches it"
        raise DatasetError(f"{root}: no intact CIFAR-10 in torchvision's layout ({hint}): {error}") from None
    return {split: Split(part.data, np.array(part.targets)) for split, part in parts.items()}


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    return 50_000, 10_000


READER = Reader(read, count)
