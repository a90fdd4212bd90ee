"""Readers: where datasets come from. Each opens a source: a train and a test split, images often still encoded.

A reader's parameters are the options of a preset's `dataset:`. Those named in OF_EVERY_DATASET are stated by every
preset; a reader takes those that it needs. Heavy packages are imported where they are used, because every job of the
workflow imports this module to check its configuration.
"""

import inspect
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Literal, get_args, get_origin, get_type_hints

import numpy as np

from netspaces.data.datasets import DatasetError, Split
from netspaces.data.images import BLOCK, MODES, EncodedImages, Exact, Fitted
from netspaces.data.parquet import read_shards
from netspaces.data.readers.photographs import read_photographs
from netspaces.data.torchvision_import import import_torchvision

OF_EVERY_DATASET = ("name", "resolution", "channels", "classes", "stored_as", "validation_fraction", "validation_seed")
TYPES = {str: "text", bool: "true or false", int: "an integer", float: "a number"}


def read_digits(test_fraction: float, seed: int) -> dict[str, Split]:
    """scikit-learn's 1,797 real handwritten digits, 8x8 grey, split into train and test by class (stratified)."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None]
    parts = train_test_split(images, digits.target, test_size=test_fraction, stratify=digits.target, random_state=seed)
    train_images, test_images, train_labels, test_labels = parts
    return {"train": Split(train_images, train_labels), "test": Split(test_images, test_labels)}


def read_cifar10(
    classes: int,
    folder: str,
    source: Literal["torchvision", "parquet"] = "torchvision",
    download: bool = False,
    image_column: str = "image",
    label_column: str = "label",
) -> dict[str, Split]:
    """CIFAR-10: 50,000 + 10,000 colour images of 32x32 pixels, in torchvision's layout or in parquet files."""
    if source == "parquet":
        splits = {"train": ("train",), "test": ("test",)}
        columns = (image_column, label_column)
        return {split: read_shards(folder, names, columns, classes, Exact(32, 3)) for split, names in splits.items()}
    folder, cifar = Path(folder).expanduser(), import_torchvision().datasets.CIFAR10
    try:
        parts = {"train": cifar(folder, train=True, download=download), "test": cifar(folder, train=False)}
    except (RuntimeError, OSError) as error:
        hint = "the download failed" if download else "download: true fetches it"
        raise DatasetError(f"{folder}: no intact CIFAR-10 in torchvision's layout ({hint}): {error}") from None
    return {split: Split(part.data, np.array(part.targets)) for split, part in parts.items()}


def read_image_folder(
    resolution: int,
    channels: int,
    classes: int,
    folder: str,
    source: Literal["folder", "parquet"] = "folder",
    stored_resolution: int | None = None,
    test_split: str = "val",
    image_column: str = "image",
    label_column: str = "label",
) -> dict[str, Split]:
    """Images of any size and class, in torchvision's ImageFolder layout or in parquet files; also ImageNet-1k.

    The short side of an image becomes `stored_resolution`. Of training images the middle square of that size is kept,
    for random crops; of test images the middle square of `resolution`.
    """
    side = stored_resolution or resolution
    fits = {"train": Fitted(side, side, channels), "test": Fitted(side, resolution, channels)}
    if source == "parquet":
        names = {"train": ("train",), "test": ("val", "validation") if test_split == "val" else (test_split,)}
        columns = (image_column, label_column)
        return {split: read_shards(folder, names[split], columns, classes, fit) for split, fit in fits.items()}
    root = Path(folder).expanduser()
    files = {"train": list_images(root / "train", classes), "test": list_images(root / test_split, classes)}
    if unlike := sorted(set(files["train"][0]) ^ set(files["test"][0])):
        raise DatasetError(f"{root}: class {unlike[0]!r} has a folder in only one of train and {test_split}")
    return {split: _folder_split(files[split][1], fit) for split, fit in fits.items()}


def read_npz(file: str) -> dict[str, Split]:
    """Arrays in an .npz file: train_images, train_labels, test_images, test_labels."""
    path = Path(file).expanduser()
    try:
        with np.load(path) as content:
            arrays = {key: content[key] for key in content.files}
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except Exception as error:  # not a zip, a truncated one, a pickle: each another type
        raise DatasetError(f"{path}: not an .npz file of arrays ({error})") from None
    splits = {}
    for split in ("train", "test"):
        for key in (f"{split}_images", f"{split}_labels"):
            if key not in arrays:
                raise DatasetError(f"{path}: no array {key!r}; it has {', '.join(arrays) or 'none'}")
        images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
        images = images[..., None] if images.ndim == 3 else images
        if images.dtype != np.uint8 or images.ndim != 4:
            raise DatasetError(
                f"{path}: {split}_images holds {images.dtype} {images.shape}, "
                "expected uint8 (n, height, width, channels), or (n, height, width) for grey"
            )
        if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
            expected = f"whole numbers ({len(images)},), one per image"
            raise DatasetError(f"{path}: {split}_labels holds {labels.dtype} {labels.shape}, expected {expected}")
        splits[split] = Split(images, labels.astype(np.int64))
    return splits


READERS = {
    "digits": read_digits,
    "cifar10": read_cifar10,
    "imagefolder": read_image_folder,
    "imagenet": read_image_folder,
    "npz": read_npz,
    "photographs": read_photographs,
}


def list_images(folder: Path, classes: int) -> tuple[list[str], list[tuple[str, int]]]:
    """The classes and the (file, label) pairs of one split in torchvision's ImageFolder layout, sorted by name."""
    try:
        found = import_torchvision().datasets.ImageFolder(folder)
    except FileNotFoundError as error:  # torchvision's message names classes without an image, or the folder
        raise DatasetError(f"{folder}: {error if folder.is_dir() else 'no such folder'}") from None
    if len(found.classes) != classes:
        raise DatasetError(f"{folder}: {len(found.classes)} folders, one per class, expected classes: {classes}")
    return found.classes, found.samples


def _folder_split(files: list[tuple[str, int]], fit: Fitted) -> Split:
    def blocks():
        for start in range(0, len(files), BLOCK):
            yield [(path, Path(path)) for path, _ in files[start : start + BLOCK]]

    shape = (len(files), fit.side, fit.side, fit.channels)
    return Split(EncodedImages(shape, blocks, fit), np.array([label for _, label in files], np.int64))


# ---- Options ---------------------------------------------------------------------------------------------------------


def complaint(dataset: Mapping) -> tuple[str, str] | None:
    """What is wrong with a preset's `dataset:`: the key at fault, and a message; None if nothing is."""
    if dataset["name"] not in READERS:
        return "name", f"dataset.name: got {dataset['name']!r}, expected one of {', '.join(READERS)}"
    reader = READERS[dataset["name"]]
    options = {k: v for k, v in inspect.signature(reader).parameters.items() if k not in OF_EVERY_DATASET}
    known = (*OF_EVERY_DATASET, *options)
    if unknown := [key for key in dataset if key not in known]:
        return unknown[0], f"dataset: unknown key {unknown[0]!r}, expected one of {', '.join(known)}"
    for key, option in options.items():
        if option.default is option.empty and key not in dataset:
            return "name", f"dataset: missing key {key!r}, which dataset {dataset['name']} needs"
    hints = get_type_hints(reader)
    for key in options:
        if key in dataset and key in hints and (expected := _mismatch(dataset[key], hints[key])):
            return key, f"dataset.{key}: got {dataset[key]!r}, expected {expected}"
    return _inconsistent(dataset, hints)


def _mismatch(value: object, kind: object) -> str:
    """What was expected of a value by its type hint; empty if that is what it is."""
    if get_origin(kind) is Literal:
        return "" if value in get_args(kind) else f"one of {', '.join(get_args(kind))}"
    kinds = get_args(kind) or (kind,)
    if value is None and NoneType in kinds:
        return ""
    kind = kinds[0]
    fits = type(value) in ((int, float) if kind is float else (kind,))
    return "" if fits else TYPES[kind]


def _inconsistent(dataset: Mapping, hints: Mapping) -> tuple[str, str] | None:
    """Values that are right each by itself and not together."""
    stored, resolution = dataset.get("stored_resolution"), dataset["resolution"]
    if stored is not None and stored < resolution:
        expected = f"expected at least resolution, {resolution}"
        return "stored_resolution", f"dataset.stored_resolution: got {stored}, {expected}"
    for key in ("test_fraction", "validation_fraction"):
        if key in dataset and not 0 < dataset[key] < 1:
            return key, f"dataset.{key}: got {dataset[key]!r}, expected more than 0 and less than 1"
    jpeg = dataset.get("stored_as") == "jpeg"
    if ("channels" in hints or jpeg) and dataset["channels"] not in MODES:
        return "channels", f"dataset.channels: got {dataset['channels']}, expected 1 or 3"
    return None
