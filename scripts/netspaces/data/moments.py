"""Mean and standard deviation of the training pixels, by which images are normalised."""

import math

import numpy as np


class Moments:
    """Mean and standard deviation per channel, from exact sums: the order of the images does not matter."""

    ROWS = 1024  # at once: few enough for the processor's cache, and for their sum of squares to fit 32 bits

    def __init__(self, channels: int):
        self.pixels, self.sums, self.squares = 0, np.zeros(channels, np.int64), np.zeros(channels, np.int64)

    def add(self, images: np.ndarray) -> None:
        """Add images (n, height, width, channels) of uint8."""
        n, height, width, channels = images.shape
        rows = images.reshape(n * height, width * channels)
        self.pixels += n * height * width
        for start in range(0, len(rows), self.ROWS):
            part = rows[start : start + self.ROWS]
            squared = part.astype(np.uint16)
            squared *= squared
            for total, values in ((self.sums, part), (self.squares, squared)):
                columns = values.sum(axis=0, dtype=np.uint32)
                total += columns.reshape(width, channels).sum(axis=0, dtype=np.int64)

    def result(self) -> tuple[list[float], list[float]]:
        """(means, deviations) of pixels between 0 and 1."""
        pairs = [(int(total), int(squares)) for total, squares in zip(self.sums, self.squares, strict=True)]
        means = [total / self.pixels / 255 for total, _ in pairs]
        variances = [(self.pixels * squares - total**2) / self.pixels**2 for total, squares in pairs]
        return means, [math.sqrt(variance) / 255 for variance in variances]
