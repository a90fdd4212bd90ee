"""What is allowed in a dataset and mostly a mistake, noticed while its images pass by, and said in a line each."""

from collections.abc import Mapping

import numpy as np

from netspaces.data.checks import place_of
from netspaces.data.images import Chunk

FACTOR = 2  # between the largest values of training and test images
DEVIATIONS = 1  # of the training images' pixels, between the means


class Suspicions:
    """Notes of the train and the test split: range and mean of values, copies, animations."""

    def __init__(self) -> None:
        self.fingerprints: dict[str, list[np.ndarray]] = {"train": [], "test": []}
        self.largest = {"train": 0, "test": 0}
        self.sums, self.values = {"train": 0, "test": 0}, {"train": 0, "test": 0}
        self.animated = 0

    def add(self, split: str, chunk: Chunk) -> None:
        """Note some images of a split of the source."""
        self.fingerprints[split].append(chunk.fingerprints)
        self.largest[split] = max(self.largest[split], int(chunk.pixels.max(initial=0)))
        self.sums[split] += int(chunk.pixels.sum(dtype=np.int64))
        self.values[split] += chunk.pixels.size
        self.animated += chunk.animated

    def lines(self, settings: Mapping, deviation: float) -> list[str]:
        """A line per suspicion; `deviation` is that of the training images' pixels, which are between 0 and 1."""
        where = f"warning: {settings['name']}{place_of(settings)}"
        return [f"{where}: {said}" for said in (self._copies(), self._range(deviation), self._animations()) if said]

    def _copies(self) -> str:
        trained, tested = (np.concatenate(self.fingerprints[split]) for split in ("train", "test"))
        copies = int(np.isin(tested, trained).sum())
        return f"{copies:,} of {len(tested):,} test images are also training images, byte by byte" if copies else ""

    def _range(self, deviation: float) -> str:
        means = {split: self.sums[split] / self.values[split] for split in self.sums}
        low, high = sorted(self.largest.values())
        if high <= FACTOR * low and abs(means["train"] - means["test"]) <= DEVIATIONS * 255 * deviation:
            return ""
        of = {split: f"up to {self.largest[split]}, {means[split]:.3g} on average" for split in means}
        return f"values of test images are {of['test']}; of training images {of['train']}; expected the same range"

    def _animations(self) -> str:
        several = "images have several frames, of which the first is taken"
        return f"{self.animated:,} {several}" if self.animated else ""
