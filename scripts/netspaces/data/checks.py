"""What must hold of a dataset's images and labels, whatever reader they come from; DatasetError says what does not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.images import EncodedImages


def place_of(settings: Mapping) -> str:
    """Where a dataset comes from, in brackets; empty if it has no folder or file."""
    place = settings.get("folder") or settings.get("file")
    return f" ({place})" if place else ""


def with_flat_labels(name: str, split: Split, settings: Mapping) -> Split:
    """The split with labels (n,) of int64: labels (n, 1), as MedMNIST has them, are one per image too."""
    labels, n = np.asarray(split.labels), split.images.shape[0]
    if labels.dtype.kind not in "iu" or labels.shape not in ((n,), (n, 1)):
        held = f"the {name} labels of {settings['name']}{place_of(settings)} hold {labels.dtype} {labels.shape}"
        raise DatasetError(f"dataset: {held}, expected whole numbers ({n},), one per image")
    if labels.size and labels.max() > np.iinfo(np.int64).max:
        raise DatasetError(f"dataset: classes is {settings['classes']}, but {name} has the label {labels.max()}")
    return replace(split, labels=labels.reshape(n).astype(np.int64))


def check(splits: Mapping[str, Split], settings: Mapping) -> None:
    """Raise DatasetError if images or labels are not what the preset declares (resolution, channels, classes)."""
    place, classes = place_of(settings), settings["classes"]
    if classes < 2:
        raise DatasetError(f"dataset: classes is {classes}, expected at least 2: one class is nothing to learn")
    for name, split in splits.items():
        _check_images(name, split, settings)
        labels = np.unique(split.labels)
        if not len(labels):
            raise DatasetError(f"dataset: {settings['name']}{place} has no {name} images")
        if len(gaps := np.setdiff1d(np.arange(classes), labels)):
            raise DatasetError(f"dataset: classes is {classes}, but no {name} image{place} is of class {gaps[0]}")
        if len(labels) > classes:
            wrong = labels[-1] if labels[-1] >= classes else labels[0]
            raise DatasetError(f"dataset: classes is {classes}, but {name}{place} has the label {wrong}")


def _check_images(name: str, split: Split, settings: Mapping) -> None:
    images, shape = split.images, split.images.shape
    described = f"the {name} images of {settings['name']}{place_of(settings)} are {' x '.join(map(str, shape[1:]))}"
    if not isinstance(images, EncodedImages) and images.dtype != np.uint8 or len(shape) != 4:
        raise DatasetError(f"dataset: {described} of {images.dtype}, expected height x width x channels of uint8")
    stored = "stored_resolution" if name == "train" and settings.get("stored_resolution") else "resolution"
    for size, declared in zip(shape[1:], (stored, stored, "channels"), strict=True):
        if size != settings[declared]:
            raise DatasetError(f"dataset: {declared} is {settings[declared]}, expected {size}: {described}")


def check_channels(mean: Sequence[float], std: Sequence[float], settings: Mapping) -> None:
    """Raise DatasetError if all training images have the same value in a channel.

    Normalising would divide by its deviation, zero, and every network would diverge. `mean` and `std` are of pixels
    between 0 and 1.
    """
    if 0 in std:
        channel = list(std).index(0)
        named = f"channel {channel} of the training images of {settings['name']}{place_of(settings)}"
        value = round(255 * mean[channel])
        raise DatasetError(f"dataset: {named} is {value} in every pixel, expected pixels that differ")
