"""Folders of images in torchvision's ImageFolder layout: a folder per class, of images of any size."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.images import CHUNK, EncodedImages, Exact, Fitted
from netspaces.data.torchvision_import import import_torchvision


def list_images(folder: Path, classes: int) -> tuple[list[str], list[tuple[str, int]]]:
    """The classes and the (file, label) pairs of one split, sorted by name; raises DatasetError for a wrong folder."""
    try:
        listing = import_torchvision().datasets.ImageFolder(folder)
    except FileNotFoundError as error:  # torchvision's message names classes without an image, or the folder
        raise DatasetError(f"{folder}: {error if folder.is_dir() else 'no such folder'}") from None
    if len(listing.classes) != classes:
        raise DatasetError(f"{folder}: {len(listing.classes)} folders, one per class, expected classes: {classes}")
    return listing.classes, listing.samples


def folder_split(files: list[tuple[str, int]], fit: Exact | Fitted) -> Split:
    """One split of the (file, label) pairs, whose images are decoded while they are written."""

    def chunks() -> Iterator[list[tuple[str, bytes | Path]]]:
        for start in range(0, len(files), CHUNK):
            yield [(path, Path(path)) for path, _ in files[start : start + CHUNK]]

    shape = (len(files), fit.side, fit.side, fit.channels)
    return Split(EncodedImages(shape, chunks, fit), np.array([label for _, label in files], np.int64))
