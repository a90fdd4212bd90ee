"""Arrays in an .npz file: train_images, train_labels, test_images, test_labels."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.reader import Reader


def read(file: str) -> dict[str, Split]:
    """The images (n, height, width, channels), or (n, height, width) for grey, of uint8, and their labels (n,)."""
    path = Path(file).expanduser()
    try:
        with np.load(path) as content:
            arrays = {key: content[key] for key in content.files}
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except Exception as error:  # not a zip, a truncated one, a pickle: each another type
        raise DatasetError(f"{path}: not an .npz file of arrays ({error})") from None
    return {split: _split(path, arrays, split) for split in ("train", "test")}


def _split(path: Path, arrays: Mapping[str, np.ndarray], split: str) -> Split:
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
    return Split(images, labels.astype(np.int64))


READER = Reader(read)
