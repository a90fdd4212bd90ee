"""Images of any size and class, in torchvision's ImageFolder layout or in parquet files."""

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.folders import Tree, folder_split, list_divided, list_images
from netspaces.data.images import Fitted
from netspaces.data.parquet import count_rows, read_shards
from netspaces.data.reader import Reader


def read(
    resolution: int,
    channels: int,
    classes: int,
    folder: str,
    source: Literal["folder", "parquet"] = "folder",
    stored_resolution: int | None = None,
    test_split: str = "val",
    image_column: str = "image",
    label_column: str = "label",
    test_fraction: float | None = None,
    seed: int = 0,
) -> dict[str, Split]:
    """The images of a folder, resized and cropped to squares.

    The short side of an image becomes `stored_resolution`. Of training images the middle square of that size is kept,
    for random crops; of test images the middle square of `resolution`. With `test_fraction` the folder itself holds
    the folders of classes, and this share of each class, drawn with `seed`, is tested.
    """
    side = stored_resolution or resolution
    fits = {"train": Fitted(side, side, channels), "test": Fitted(side, resolution, channels)}
    if source == "parquet":
        if test_fraction is not None:
            raise DatasetError(f"dataset: test_fraction is {test_fraction}, expected none with source: parquet")
        return read_shards(folder, _names(test_split), fits, (image_column, label_column), classes)
    tree = Tree(Path(folder).expanduser())
    if test_fraction is not None:
        trained, tests = list_divided(tree, classes, test_fraction, seed)
        return {"train": folder_split(trained, fits["train"]), "test": folder_split(tests, fits["test"])}
    tests = list_images(tree, test_split, classes, tested=True)
    trained = list_images(tree, "train", classes, tested=False)
    if unlike := sorted(set(trained.classes) ^ set(tests.classes)):
        raise DatasetError(f"{tree.root}: class {unlike[0]!r} has a folder in only one of train and {test_split}")
    return {"train": folder_split(trained, fits["train"]), "test": folder_split(tests, fits["test"])}


def _names(test_split: str) -> dict[str, tuple[str, ...]]:
    """What shards of parquet may be called, by split."""
    return {"train": ("train",), "test": ("val", "validation") if test_split == "val" else (test_split,)}


def count(dataset: Mapping) -> tuple[int, int] | None:
    """The numbers of training and test images; None for a source that `read` would refuse."""
    options = {name: dataset[name] for name in ("source", "test_split", "test_fraction") if name in dataset}
    try:
        return _counted(dataset["folder"], dataset["classes"], **options)
    except (DatasetError, OSError, KeyError):
        return None


@cache  # asked for once for each population while jobs are planned
def _counted(
    folder: str, classes: int, source: str = "folder", test_split: str = "val", test_fraction: float | None = None
) -> tuple[int, int]:
    """The same, of files that are listed but not opened, or whose ends are read (parquet)."""
    if source == "parquet":
        rows = count_rows(folder, _names(test_split))
        return rows["train"], rows["test"]
    tree = Tree(Path(folder).expanduser())
    if test_fraction is not None:
        images = len(list_images(tree, "", classes, tested=True).files)
        tested = math.ceil(images * test_fraction)  # as scikit-learn rounds
        return images - tested, tested
    tests = list_images(tree, test_split, classes, tested=True)
    return len(list_images(tree, "train", classes, tested=False).files), len(tests.files)


READER = Reader(read, count)
