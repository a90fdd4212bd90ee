"""STL-10: 5,000 + 8,000 colour images of 96x96 pixels in ten classes, in torchvision's layout."""

from collections.abc import Mapping

from netspaces.data.datasets import Split
from netspaces.data.reader import Reader
from netspaces.data.torchvision_layouts import read_layout


def read(folder: str, download: bool = False) -> dict[str, Split]:
    """STL-10's labelled images."""
    return read_layout("STL10", folder, download, {split: {"split": split} for split in ("train", "test")})


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    return 5_000, 8_000


READER = Reader(read, count)
