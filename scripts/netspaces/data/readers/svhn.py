"""SVHN: 73,257 + 26,032 colour images of 32x32 pixels of house numbers' digits, in torchvision's layout."""

from collections.abc import Mapping

from netspaces.data.datasets import Split
from netspaces.data.reader import Reader
from netspaces.data.torchvision_layouts import read_layout


def read(folder: str, download: bool = False) -> dict[str, Split]:
    """SVHN's cropped digits; the label of a digit is its value. The additional training images are not read."""
    return read_layout("SVHN", folder, download, {split: {"split": split} for split in ("train", "test")})


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    return 73_257, 26_032


READER = Reader(read, count)
