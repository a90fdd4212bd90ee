"""How many images a dataset has, before it is prepared too: what the cost of a training follows from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from netspaces.data.meta import read_meta
from netspaces.data.readers import READERS
from netspaces.data.shares import KEYS

ASSUMED = (50_000, 10_000)  # training and test images of a dataset of which nobody knows how many it has


@dataclass(frozen=True)
class ImageCounts:
    """How many images the splits of a dataset have; `known` is False for an assumption."""

    train: int
    test: int
    validation: int = 0
    known: bool = True


def count_images(dataset: Mapping, meta: str | Path) -> ImageCounts:
    """From the prepared dataset's meta.json if there is one, else what the reader knows of a preset's `dataset:`."""
    if Path(meta).exists():
        prepared = read_meta(meta)
        return ImageCounts(prepared["train"], prepared["test"], prepared["validation"])
    counts = READERS[dataset["name"]].count(dataset)
    train, test = (int(dataset.get(KEYS[name], n)) for name, n in zip(KEYS, counts or ASSUMED, strict=True))
    validation = math.ceil(train * dataset.get("validation_fraction", 0))  # as scikit-learn rounds
    return ImageCounts(train - validation, test, validation, known=counts is not None or {*KEYS.values()} <= {*dataset})
