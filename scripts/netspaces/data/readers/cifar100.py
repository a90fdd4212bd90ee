"""CIFAR-100: 50,000 + 10,000 colour images of 32x32 pixels in a hundred classes, in torchvision's layout."""

from collections.abc import Mapping

from netspaces.data.datasets import Split
from netspaces.data.reader import Reader
from netspaces.data.torchvision_layouts import read_layout


def read(folder: str, download: bool = False) -> dict[str, Split]:
    """CIFAR-100 with its fine labels."""
    return read_layout("CIFAR100", folder, download, {"train": {"train": True}, "test": {"train": False}})


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    return 50_000, 10_000


READER = Reader(read, count)
