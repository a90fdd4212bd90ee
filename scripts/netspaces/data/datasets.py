"""Prepared datasets: a folder that all training jobs map read-only.

It holds uint8 images (n, height, width, channels) and int64 labels (n,) of each split as .npy files, and meta.json,
which is written last: a folder without it is not a dataset. Images may be JPEG instead, the bytes of all in one file
and where each begins in another. `preparation` writes such folders.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from netspaces.data.errors import EXPECTED, REMEDY, DatasetError
from netspaces.data.integrity import check_files, check_regular_files
from netspaces.data.jpeg import JpegImages
from netspaces.data.meta import META, SPLITS, checksum_of, read_meta

Images = TypeVar("Images")


@dataclass(frozen=True)
class Split(Generic[Images]):
    """uint8 images (n, height, width, channels) and int64 labels (n,).

    The images of a prepared dataset are an array or `JpegImages`, which decode to one by indexing; those that a reader
    opens are an array or `EncodedImages`, which decode while they are written. `source` says what a reader took, and
    what it left out.
    """

    images: Images
    labels: np.ndarray
    source: str = ""


@dataclass(frozen=True)
class Dataset:
    """A prepared dataset: its splits, number of classes, per-channel mean and deviation of the training pixels.

    Training images may be larger than the others, for random crops. There is a validation split only if the preset
    asks for one.
    """

    train: Split
    test: Split
    classes: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    checksum: str
    validation: Split | None = None


@dataclass(frozen=True)
class Unopened:
    """A prepared dataset of which only meta.json was read: what has been trained on it is found by its checksum."""

    folder: Path
    checksum: str

    @classmethod
    def at(cls, folder: Path) -> "Unopened":
        """The dataset in a folder; raises DatasetError as `read_meta` does."""
        return cls(folder, checksum_of(folder))

    @cached_property
    def opened(self) -> Dataset:
        """The dataset, opened once; raises DatasetError as `load` does, and if it has been prepared anew meanwhile."""
        dataset = load(self.folder)
        if dataset.checksum != self.checksum:
            raise DatasetError(f"{self.folder}: prepared anew while a job began, expected {self.checksum}; run again")
        return dataset


def load(folder: str | Path) -> Dataset:
    """Open a prepared dataset, images mapped read-only; raises DatasetError if it is missing, damaged or outdated.

    Its files are checked as `integrity.check_files` does without `whole`.
    """
    folder = Path(folder)
    meta = read_meta(folder / META)
    check_regular_files(folder, meta["files"])
    splits = {}
    for name in SPLITS:
        side = meta["stored_resolution"] if name == "train" else meta["resolution"]
        if n := meta[name]:
            images = _open_images(folder, name, (n, side, side, meta["channels"]), meta["stored_as"])
            splits[name] = Split(images, _open_array(folder / f"{name}_labels.npy", np.int64, (n,)))
    check_files(folder, meta, whole=False)
    mean, std = tuple(meta["mean"]), tuple(meta["std"])
    return Dataset(**splits, classes=meta["classes"], mean=mean, std=std, checksum=meta["checksum"])


def _open_images(folder: Path, split: str, shape: tuple[int, int, int, int], stored_as: str) -> np.ndarray | JpegImages:
    if stored_as == "uint8":
        return _open_array(folder / f"{split}_images.npy", np.uint8, shape)
    offsets = _open_array(folder / f"{split}_offsets.npy", np.int64, (shape[0] + 1,))
    return JpegImages(folder / f"{split}_images.jpeg", offsets, shape)


def _open_array(path: Path, dtype: type, shape: tuple[int, ...]) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r")
    except FileNotFoundError:
        raise DatasetError(f"{path}: missing, {EXPECTED}; {REMEDY}") from None
    except (ValueError, EOFError) as error:
        raise DatasetError(f"{path}: not an array ({str(error).splitlines()[0]}); {REMEDY}") from None
    if (array.dtype, array.shape) != (dtype, shape):
        raise DatasetError(f"{path}: holds {array.dtype} {array.shape}, expected {np.dtype(dtype)} {shape}; {REMEDY}")
    return array
