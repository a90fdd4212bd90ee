"""ImageNet-1k: 1,281,167 + 50,000 images of any size in 1,000 classes, read as any other folder of images."""

from collections.abc import Mapping

from netspaces.data.reader import Reader
from netspaces.data.readers.imagefolder import read


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    return 1_281_167, 50_000


READER = Reader(read, count)
