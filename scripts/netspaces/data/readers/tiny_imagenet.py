"""Tiny ImageNet: 100,000 + 10,000 colour images of 64x64 pixels in 200 classes, in its own layout.

Training images lie in a folder per class. Test images, the published validation split, lie in one folder, and
`val/val_annotations.txt` names their classes.
"""

from collections.abc import Mapping
from pathlib import Path

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.folders import Listing, Tree, folder_split, list_folder, list_images
from netspaces.data.images import Fitted
from netspaces.data.reader import Reader

ANNOTATIONS = "val_annotations.txt"


def read(
    resolution: int, channels: int, classes: int, folder: str, stored_resolution: int | None = None
) -> dict[str, Split]:
    """The images of `train` and of `val`, resized and cropped as those of `imagefolder`."""
    side = stored_resolution or resolution
    tree = Tree(Path(folder).expanduser())
    tests = list_folder(tree, "val/images")
    trained = list_images(tree, "train", classes, tested=False)
    annotated = _annotated(tree.root / "val" / ANNOTATIONS, tests, trained.classes)
    return {
        "train": folder_split(trained, Fitted(side, side, channels)),
        "test": folder_split(annotated, Fitted(side, resolution, channels)),
    }


def _annotated(path: Path, tests: Listing, classes: list[str]) -> Listing:
    """Test images with the labels that a file states, an image and its class in each line, then its box."""
    labels = {name: label for label, name in enumerate(classes)}
    stated: dict[str, int] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    for number, line in enumerate(lines, 1):
        image, _, rest = line.partition("\t")
        name = rest.partition("\t")[0]
        if name not in labels:
            raise DatasetError(f"{path}: line {number}: class is {name!r}, expected a folder of train")
        if stated.setdefault(image, labels[name]) != labels[name]:
            raise DatasetError(f"{path}: line {number}: {image!r} has two classes, expected one")
    images = {Path(file).name: file for file, _ in tests.files}
    if unlike := sorted(set(images) ^ set(stated)):
        lacking = f"no line for {tests.folder / unlike[0]}" if unlike[0] in images else f"no image {unlike[0]!r}"
        raise DatasetError(f"{path}: {lacking}, expected a line per image of {tests.folder}")
    files = [(images[image], stated[image]) for image in sorted(images)]
    return Listing(tests.folder, classes, files, tests.left_out)


def count(dataset: Mapping) -> tuple[int, int]:
    """The numbers of training and test images."""
    return 100_000, 10_000


READER = Reader(read, count)
