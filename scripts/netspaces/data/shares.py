"""A stated part of a dataset's images: the first of each class in the order of their source, as many of every class."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from netspaces.data.checks import place_of
from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.images import EncodedImages

KEYS = {"train": "train_images", "test": "test_images"}
"""The key of a preset's `dataset:` that says how many images of a split are taken."""


def with_shares(splits: Mapping[str, Split], settings: Mapping) -> dict[str, Split]:
    """The splits of a dataset that was checked, each with as many images as a preset's `dataset:` asks for.

    Raises DatasetError for a class with too few images.
    """
    return {
        name: _share(split, KEYS[name], settings) if KEYS[name] in settings else split for name, split in splits.items()
    }


def first_of_each_class(labels: np.ndarray, per_class: int) -> np.ndarray:
    """Whether an image is among the first so many of its class, (n,) bool."""
    taken = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        taken[np.flatnonzero(labels == label)[:per_class]] = True
    return taken


def _share(split: Split, key: str, settings: Mapping) -> Split:
    classes = settings["classes"]
    per_class, counts = int(settings[key]) // classes, np.bincount(split.labels, minlength=classes)
    if counts.min() < per_class:
        there = f"class {counts.argmin()}{place_of(settings)} has {counts.min():,}"
        raise DatasetError(f"dataset: {key} is {settings[key]}, {per_class:,} of each class, but {there}")
    taken = first_of_each_class(split.labels, per_class)
    source = f"{split.source or settings['name']}, the first {per_class:,} of each class of {len(taken):,}"
    return Split(_taken(split.images, taken), split.labels[taken], source)


def _taken(images: np.ndarray | EncodedImages, taken: np.ndarray) -> np.ndarray | EncodedImages:
    """Some images (`taken` is (n,) bool); encoded ones that are left out are never decoded."""
    if not isinstance(images, EncodedImages):
        return images[taken]

    def chunks() -> Iterator[list[tuple[str, bytes | Path]]]:
        start = 0
        for chunk in images.chunks():
            if kept := [named for row, named in enumerate(chunk, start) if taken[row]]:
                yield kept
            start += len(chunk)

    return replace(images, shape=(int(taken.sum()), *images.shape[1:]), chunks=chunks)
