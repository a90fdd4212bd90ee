"""Patches of two photographs: real images, in scikit-learn's package, for a second dataset as small as the digits."""

from collections.abc import Mapping

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.reader import Reader

PHOTOGRAPHS = ("china.jpg", "flower.jpg")  # each 427 x 640 pixels, in colour
SHAPE = (427, 640)
REGIONS = 5  # vertical strips of each photograph
CLASSES = REGIONS * len(PHOTOGRAPHS)
REDUCTION = 2  # pixels of a photograph that become one of a patch, by their mean, in each direction


def patches_per_class(resolution: int) -> int:
    """How many patches a strip is cut into: none overlaps another, and what is left at the edges is not used."""
    height, width = (side // REDUCTION for side in SHAPE)
    return (height // resolution) * (width // REGIONS // resolution)


def read(resolution: int, channels: int, classes: int, test_fraction: float, seed: int) -> dict[str, Split]:
    """Grey patches of scikit-learn's two photographs; the class of a patch is the strip that it was cut from.

    Both photographs are halved (means of 2 x 2 pixels), each is divided into five vertical strips, ten in all, and each
    strip into as many patches. Of every strip a share `test_fraction` of the patches, drawn with `seed`, is tested.
    """
    if (channels, classes) != (1, CLASSES):
        raise DatasetError(f"dataset: photographs has 1 channel and {CLASSES} classes, got {channels} and {classes}")
    if not 0 < round(patches_per_class(resolution) * test_fraction) < patches_per_class(resolution):
        raise DatasetError(f"dataset: photographs has no images for training and test at resolution {resolution}")
    strips = [strip for name in PHOTOGRAPHS for strip in _strips(_grey(name))]
    rng = np.random.default_rng(seed)
    parts: dict[str, list[np.ndarray]] = {"train": [], "test": []}
    for strip in strips:
        patches = _patches(strip, resolution)
        order, test = rng.permutation(len(patches)), round(len(patches) * test_fraction)
        parts["test"].append(patches[np.sort(order[:test])])
        parts["train"].append(patches[np.sort(order[test:])])
    labels = {split: np.repeat(np.arange(CLASSES), [len(part) for part in cut]) for split, cut in parts.items()}
    return {split: Split(np.concatenate(cut)[..., None], labels[split]) for split, cut in parts.items()}


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    patches = patches_per_class(dataset["resolution"])
    test = round(patches * dataset["test_fraction"])
    return CLASSES * (patches - test), CLASSES * test


def _grey(name: str) -> np.ndarray:
    """A photograph in shades of grey (float, height / 2, width / 2), by the luma of ITU-R BT.601."""
    from sklearn.datasets import load_sample_image

    pixels = load_sample_image(name) @ np.array([0.299, 0.587, 0.114])
    height, width = (side // REDUCTION for side in pixels.shape)
    pixels = pixels[: height * REDUCTION, : width * REDUCTION]
    return pixels.reshape(height, REDUCTION, width, REDUCTION).mean(axis=(1, 3))


def _strips(pixels: np.ndarray) -> list[np.ndarray]:
    width = pixels.shape[1] // REGIONS
    return [pixels[:, i * width : (i + 1) * width] for i in range(REGIONS)]


def _patches(strip: np.ndarray, side: int) -> np.ndarray:
    """The patches (n, side, side) of a strip, row by row, uint8."""
    rows, columns = (length // side for length in strip.shape)
    grid = strip[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return np.rint(grid.swapaxes(1, 2).reshape(-1, side, side)).astype(np.uint8)


READER = Reader(read, count)
