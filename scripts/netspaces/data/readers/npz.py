"""Arrays in an .npz file: train_images, train_labels, test_images, test_labels."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.reader import Reader

KEYS = ("train_images", "train_labels", "test_images", "test_labels")


def read(file: str) -> dict[str, Split]:
    """The images (n, height, width, channels), or (n, height, width) for grey, of uint8, and their labels (n,)."""
    path = Path(file).expanduser()
    if not path.is_file():
        raise DatasetError(f"{path}: {'not a regular file' if path.exists() else 'no such file'}")
    try:
        with np.load(path, allow_pickle=False) as content:
            if missing := [key for key in KEYS if key not in content.files]:
                raise DatasetError(f"{path}: no array {missing[0]!r}; it has {', '.join(content.files) or 'none'}")
            arrays = {key: content[key] for key in KEYS}  # others, however large, are not read
            left_out = len(content.files) - len(KEYS)
    except DatasetError:
        raise
    except Exception as error:  # not a zip, a truncated one, a pickle: each another type
        raise DatasetError(f"{path}: not an .npz file of arrays ({error})") from None
    source = f"{path}, left out {left_out} other arrays" if left_out else str(path)
    return {split: _split(path, arrays, split, source) for split in ("train", "test")}


def _split(path: Path, arrays: Mapping[str, np.ndarray], split: str, source: str) -> Split:
    images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
    images = images[..., None] if images.ndim == 3 else images
    if images.dtype != np.uint8 or images.ndim != 4:
        raise DatasetError(
            f"{path}: {split}_images holds {images.dtype} {images.shape}, "
            "expected uint8 (n, height, width, channels), or (n, height, width) for grey"
        )
    if labels.dtype.kind not in "iu" or labels.shape not in ((len(images),), (len(images), 1)):
        expected = f"whole numbers ({len(images)},), one per image"
        raise DatasetError(f"{path}: {split}_labels holds {labels.dtype} {labels.shape}, expected {expected}")
    return Split(images, labels, source)


def count(dataset: Mapping) -> tuple[int, int] | None:
    """The numbers of training and test images, from their labels; None for a file that `read` would refuse."""
    path = Path(dataset.get("file", "")).expanduser()
    if not path.is_file():  # reading a pipe would wait for ever
        return None
    try:
        with np.load(path, allow_pickle=False) as content:
            return len(content["train_labels"]), len(content["test_labels"])
    except Exception:  # each kind of damage has another type, and preparation says which
        return None


READER = Reader(read, count)
