"""Datasets in torchvision's layouts, read by its own classes, which compare the files with their published digests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.torchvision_import import import_torchvision


def read_layout(name: str, folder: str, download: bool, splits: Mapping[str, Mapping[str, Any]]) -> dict[str, Split]:
    """The splits of a dataset that torchvision knows.

    Parameters
    ----------
    name : of torchvision's class, such as CIFAR10.
    folder : the `root` of that class.
    download : fetch what is missing.
    splits : by name, what tells that class which of them is wanted.

    Raises DatasetError for files that are missing or not those that were published.
    """
    root, opened = Path(folder).expanduser(), getattr(import_torchvision().datasets, name)
    try:
        parts = {split: opened(root, download=download, **chosen) for split, chosen in splits.items()}
    except (RuntimeError, OSError) as error:
        hint = "the download failed" if download else "download: true fetches it"
        raise DatasetError(f"{root}: no intact {name} in torchvision's layout ({hint}): {error}") from None
    return {split: Split(_by_rows(part.data), _labels(part)) for split, part in parts.items()}


def _by_rows(images: np.ndarray) -> np.ndarray:
    """Images (n, height, width, channels), of which some classes give (n, channels, height, width)."""
    return images if images.shape[-1] == 3 else np.ascontiguousarray(images.transpose(0, 2, 3, 1))


def _labels(part: Any) -> np.ndarray:
    """The labels (n,) of int64."""
    return np.array(part.targets if hasattr(part, "targets") else part.labels, np.int64)
