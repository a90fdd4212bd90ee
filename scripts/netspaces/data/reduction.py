"""Images made smaller by a whole number: the mean of as many pixels in each direction (a box filter)."""

import numpy as np

from netspaces.data.errors import DatasetError

ROWS = 1024
"""Images reduced at once: few enough that their sums take little memory."""


def reduced(images: np.ndarray, factor: int) -> np.ndarray:
    """uint8 images (..., height, width, channels) with sides divided by `factor`, halves rounded up."""
    if factor == 1:
        return images
    *n, height, width, channels = images.shape
    blocks = images.reshape(*n, height // factor, factor, width // factor, factor, channels)
    sums = blocks.sum(axis=(-4, -2), dtype=np.uint32)
    return ((sums + factor**2 // 2) // factor**2).astype(np.uint8)


def reduced_in_parts(images: np.ndarray, factor: int) -> np.ndarray:
    """The same of many images (n, height, width, channels)."""
    if factor == 1:
        return images
    return np.concatenate([reduced(images[start : start + ROWS], factor) for start in range(0, len(images), ROWS)])


def factor_of(side: int, resolution: int, name: str) -> int:
    """By what images of `side` pixels are divided to have `resolution`; DatasetError if that is no whole number."""
    if side % resolution:
        possible = ", ".join(str(n) for n in range(side, 0, -1) if side % n == 0)
        raise DatasetError(f"dataset: resolution is {resolution}, expected one of {possible}: {name} has {side} pixels")
    return side // resolution
