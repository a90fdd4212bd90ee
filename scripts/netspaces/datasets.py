"""Datasets: prepared once into a decoded cache that all training jobs map, then served as batches on the device.

A prepared dataset is a folder with uint8 images (n, height, width, channels) and int64 labels (n,) of a train and a
test split as .npy files, and meta.json, which is written last: a folder without it is not a dataset.
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
META = {"format", "name", "resolution", "channels", "classes", "train", "test", "mean", "std", "checksum"}
EXPECTED = "expected a prepared dataset (rule prepare_dataset)"
REMEDY = "delete the folder to prepare it again"


class DatasetError(ValueError):
    """A dataset that is missing or not what was expected; the message names the file or the key."""


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
    parts = train_test_split(images, digits.target, test_size=test_fraction, stratify=digits.target, random_state=seed)
    train_images, test_images, train_labels, test_labels = parts
    return {"train": Split(train_images, train_labels), "test": Split(test_images, test_labels)}


READERS = {"digits": read_digits}


def read(settings: Mapping) -> dict[str, Split]:
    """Read a dataset from its source: `settings` holds its name and its reader's own options."""
    name = settings["name"]
    if name not in READERS:
        raise DatasetError(f"dataset: name is {name!r}, expected one of {', '.join(READERS)}")
    declared = ("name", "resolution", "channels", "classes")
    options = {key: value for key, value in settings.items() if key not in declared}
    return READERS[name](**options)


def check(splits: Mapping[str, Split], settings: Mapping) -> None:
    """Raise DatasetError if images or labels are not what the preset declares (resolution, channels, classes)."""
    for name, split in splits.items():
        images = f"the {name} images of {settings['name']} are {' x '.join(map(str, split.images.shape[1:]))}"
        for axis, key in ((1, "resolution"), (2, "resolution"), (3, "channels")):
            if split.images.shape[axis] != settings[key]:
                raise DatasetError(f"dataset: {key} is {settings[key]}, expected {split.images.shape[axis]}: {images}")
        labels = np.unique(split.labels)
        if len(gaps := np.setdiff1d(np.arange(settings["classes"]), labels)):
            raise DatasetError(f"dataset: classes is {settings['classes']}, but no {name} image is of class {gaps[0]}")
        if len(labels) > settings["classes"]:
            raise DatasetError(f"dataset: classes is {settings['classes']}, but {name} has the label {labels[-1]}")


def prepare(settings: Mapping, folder: str | Path) -> None:
    """Read, check and write a dataset into `folder`; what was there is no dataset from the start on."""
    folder = Path(folder)
    splits = read(settings)
    check(splits, settings)
    (folder / "meta.json").unlink(missing_ok=True)
    checksum = hashlib.sha256()
    for name in SPLITS:
        for kind, array in (("images", splits[name].images), ("labels", splits[name].labels.astype(np.int64))):
            array = np.ascontiguousarray(array)
            checksum.update(f"{name} {kind} {array.dtype} {array.shape}".encode() + array.tobytes())
            write_atomically(folder / f"{name}_{kind}.npy", lambda file, array=array: np.save(file, array))
    pixels = splits["train"].images.reshape(-1, settings["channels"]) / 255
    meta = {
        "format": FORMAT,
        "name": settings["name"],
        "resolution": settings["resolution"],
        "channels": settings["channels"],
        "classes": settings["classes"],
        "train": len(splits["train"].labels),
        "test": len(splits["test"].labels),
        "mean": pixels.mean(axis=0).tolist(),
        "std": pixels.std(axis=0).tolist(),
        "checksum": checksum.hexdigest()[:16],
    }
    write_json(folder / "meta.json", meta)


def load(folder: str | Path) -> Dataset:
    """Open a prepared dataset, images mapped read-only; raises DatasetError if it is missing, damaged or outdated."""
    folder = Path(folder)
    meta = _read_meta(folder / "meta.json")
    image = (meta["resolution"], meta["resolution"], meta["channels"])
    splits = {
        name: Split(
            _open_array(folder / f"{name}_images.npy", np.uint8, (meta[name], *image)),
            _open_array(folder / f"{name}_labels.npy", np.int64, (meta[name],)),
        )
        for name in SPLITS
    }
    mean, std = tuple(meta["mean"]), tuple(meta["std"])
    return Dataset(**splits, classes=meta["classes"], mean=mean, std=std, checksum=meta["checksum"])


def _read_meta(path: Path) -> dict:
    try:
        meta = json.loads(path.read_text())
    except FileNotFoundError:
        raise DatasetError(f"{path}: missing, {EXPECTED}") from None
    except ValueError as error:
        raise DatasetError(f"{path}: not JSON ({error}); {REMEDY}") from None
    if not isinstance(meta, dict) or (missing := META.difference(meta)):
        key = min(missing) if isinstance(meta, dict) else "format"
        raise DatasetError(f"{path}: {key} is missing, {EXPECTED}; {REMEDY}")
    if meta["format"] != FORMAT:
        raise DatasetError(f"{path}: format is {meta['format']!r}, expected {FORMAT}; {REMEDY}")
    return meta


def _open_array(path: Path, dtype: type, shape: tuple[int, ...]) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r")
    except FileNotFoundError:
        raise DatasetError(f"{path}: missing, {EXPECTED}") from None
    except (ValueError, EOFError) as error:
        raise DatasetError(f"{path}: not an array ({str(error).splitlines()[0]}); {REMEDY}") from None
    if (array.dtype, array.shape) != (dtype, shape):
        raise DatasetError(f"{path}: holds {array.dtype} {array.shape}, expected {np.dtype(dtype)} {shape}; {REMEDY}")
    return array
