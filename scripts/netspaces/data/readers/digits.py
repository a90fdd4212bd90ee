"""scikit-learn's handwritten digits: 1,797 real images of 8x8 pixels in grey, in the package itself."""

import math
from collections.abc import Mapping

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.reader import Reader

IMAGES = 1797


def read(test_fraction: float, seed: int) -> dict[str, Split]:
    """The digits, split into training and test by class (stratified)."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None]
    given = {"test_size": test_fraction, "stratify": digits.target, "random_state": seed}
    try:
        train_images, test_images, train_labels, test_labels = train_test_split(images, digits.target, **given)
    except ValueError as error:  # fewer images than classes
        raise DatasetError(f"dataset: test_fraction is {test_fraction}: {error}") from None
    return {"train": Split(train_images, train_labels), "test": Split(test_images, test_labels)}


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    test = math.ceil(IMAGES * dataset["test_fraction"])  # as scikit-learn rounds
    return IMAGES - test, test


READER = Reader(read, count)
