"""Images of any size and class, in torchvision's ImageFolder layout or in parquet files."""

from pathlib import Path
from typing import Literal

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.folders import Tree, folder_split, list_divided, list_images
from netspaces.data.images import Fitted
from netspaces.data.parquet import read_shards
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
        names = {"train": ("train",), "test": ("val", "validation") if test_split == "val" else (test_split,)}
        return read_shards(folder, names, fits, (image_column, label_column), classes)
    tree = Tree(Path(folder).expanduser())
    if test_fraction is not None:
        trained, tests = list_divided(tree, classes, test_fraction, seed)
        return {"train": folder_split(trained, fits["train"]), "test": folder_split(tests, fits["test"])}
    tests = list_images(tree, test_split, classes, tested=True)
    trained = list_images(tree, "train", classes, tested=False)
    if unlike := sorted(set(trained.classes) ^ set(tests.classes)):
        raise DatasetError(f"{tree.root}: class {unlike[0]!r} has a folder in only one of train and {test_split}")
    return {"train": folder_split(trained, fits["train"]), "test": folder_split(tests, fits["test"])}


READER = Reader(read)
