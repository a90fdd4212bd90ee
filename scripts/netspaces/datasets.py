"""Datasets: prepared once into a decoded cache that all training jobs map, then served as batches on the device.

A prepared dataset is a folder with uint8 images (n, height, width, channels) and int64 labels (n,) of a train and a test
split as .npy files, and meta.json, which is written last: a folder without it is not a dataset.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netspaces.files import write_atomically, write_json

SPLITS = ("train", "test")
FORMAT = 1


class DatasetError(ValueError):
    """A dataset that is missing or not what was expected; the message names the file."""


@dataclass(frozen=True)
class Split:
    """uint8 images (n, height, width, channels) and int64 labels (n,)."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """A prepared dataset: its splits, number of classes, per-channel mean and deviation of the training pixels."""

    train: Split
    test: Split
    classes: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    checksum: str


def read_digits(test_fraction: float, seed: int) -> dict[str, Split]:
    """scikit-learn's 1,797 real handwritten digits, 8x8 grey, split into train and test by class (stratified)."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None]
    parts = train_test_split(
        images, digits.target, test_size=test_fraction, stratify=digits.target, random_state=seed
    )
    train_images, test_images, train_labels, test_labels = parts
    return {"train": Split(train_images, train_labels), "test": Split(test_images, test_labels)}


READERS = {"digits": read_digits}


def read(settings: Mapping) -> dict[str, Split]:
    """Read a dataset from its source: `settings` holds its name and its reader's own options."""
    name = settings["name"]
    if name not in READERS:
        raise DatasetError(f"dataset: name is {name!r}, expected one of {', '.join(READERS)}")
    options = {key: value for key, value in settings.items() if key not in ("name", "resolution", "channels", "classes")}
    return READERS[name](**options)


def check(splits: Mapping[str, Split], settings: Mapping) -> None:
    """Raise DatasetError if images or labels are not what the preset declares (resolution, channels, classes)."""
    shape = (settings["resolution"], settings["resolution"], settings["channels"])
    for name, split in splits.items():
        if split.images.shape[1:] != shape:
            raise DatasetError(f"dataset {settings['name']}: {name} images are {split.images.shape[1:]}, expected {shape}")
        labels = np.unique(split.labels)
        if not np.array_equal(labels, np.arange(settings["classes"])):
            raise DatasetError(
                f"dataset {settings['name']}: {name} labels are {labels.tolist()}, expected 0 to {settings['classes'] - 1}"
            )


def prepare(settings: Mapping, folder: str | Path) -> None:
    """Read, check and write a dataset into `folder`."""
    folder = Path(folder)
    splits = read(settings)
    check(splits, settings)
    checksum = hashlib.sha256()
    for name in SPLITS:
        for kind, array in (("images", splits[name].images), ("labels", splits[name].labels.astype(np.int64))):
            array = np.ascontiguousarray(array)
            checksum.update(array.tobytes())
            write_atomically(folder / f"{name}_{kind}.npy", lambda file, array=array: np.save(file, array))
    pixels = splits["train"].images.reshape(-1, settings["channels"]) / 255
    meta = {
        "format": FORMAT,
        "name": settings["name"],
        "classes": settings["classes"],
        "train": len(splits["train"].labels),
        "test": len(splits["test"].labels),
        "mean": pixels.mean(axis=0).tolist(),
        "std": pixels.std(axis=0).tolist(),
        "checksum": checksum.hexdigest()[:16],
    }
    write_json(folder / "meta.json", meta)


def load(folder: str | Path) -> Dataset:
    """Open a prepared dataset, images mapped read-only; raises DatasetError if it is missing or of another format."""
    folder = Path(folder)
    try:
        meta = json.loads((folder / "meta.json").read_text())
        if meta["format"] != FORMAT:
            raise DatasetError(f"{folder}/meta.json: format is {meta['format']}, expected {FORMAT}; delete the folder")
        arrays = {
            name: Split(*(np.load(folder / f"{name}_{kind}.npy", mmap_mode="r") for kind in ("images", "labels")))
            for name in SPLITS
        }
        return Dataset(
            **arrays, classes=meta["classes"], mean=tuple(meta["mean"]), std=tuple(meta["std"]), checksum=meta["checksum"]
        )
    except FileNotFoundError as error:
        raise DatasetError(f"{error.filename}: missing, expected a prepared dataset (rule prepare_dataset)") from None
    except (KeyError, ValueError) as error:
        raise DatasetError(f"{folder}: not a prepared dataset ({error}); delete the folder to prepare it again") from None
