"""A look at images of which nothing is known yet: which reader takes them, how many, how large, of what kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.folders import Tree, list_images
from netspaces.data.images import EncodedImages
from netspaces.data.parquet import columns_of, labels_in
from netspaces.data.preparation import read
from netspaces.data.readers.tiny_imagenet import ANNOTATIONS
from netspaces.data.shards import find_shards

if TYPE_CHECKING:
    from PIL.Image import Image

TESTED = (("val", "validation"), ("valid",), ("test",))
"""What the test split may be called, what is looked for first; by the first name a preset asks for it."""

SHARE = 0.2  # of each class that is tested where there is no test split
LOOKED_AT = 200  # images of which size and colour are looked at
UNKNOWN = {"resolution": 8, "channels": 3}  # to open a source with; what its images are is seen then


@dataclass(frozen=True)
class Found:
    """What a look at images found.

    Attributes
    ----------
    dataset : the name of the reader and its options, without resolution, channels and classes.
    per_class : the numbers of training images of each class.
    test : the number of test images.
    sides : the short sides of images that were looked at, in pixels; `fixed` says that the reader resizes none.
    channels : 1 where all of these are grey.
    sources : a line per split: what was taken, what was left out.
    """

    dataset: dict
    per_class: Sequence[int]
    test: int
    sides: Sequence[int]
    fixed: bool
    channels: int
    sources: Sequence[str]

    @property
    def train(self) -> int:
        """The number of training images."""
        return sum(self.per_class)


@dataclass(frozen=True)
class _Look:
    """In place of an image's pixels: its short side, and its channels (1 if it is grey, whatever its mode)."""

    def __call__(self, image: "Image") -> np.ndarray:
        """(short side, channels) of a Pillow image."""
        pixels = np.asarray(image.convert("RGB"))
        grey = bool((pixels == pixels[..., :1]).all())
        return np.array([min(image.size), 1 if grey else 3])


def look_at(place: str, is_file: bool) -> Found:
    """Look at the images of a folder, or of an .npz file; raises DatasetError for what no reader takes."""
    dataset, classes = ({"name": "npz", "file": place}, None) if is_file else _of_folder(place)
    splits = read(dataset | UNKNOWN | {"classes": classes or 2})
    labels = splits["train"].labels
    if not len(labels) or labels.min() < 0:
        raise DatasetError(f"{place}: got {len(labels)} training images, labels from {min(labels, default=0)}")
    sides, channels = _seen(splits["train"], place)
    return Found(
        dataset=dataset,
        per_class=np.bincount(labels, minlength=classes or 0).tolist(),
        test=len(splits["test"].labels),
        sides=sides,
        fixed=is_file,
        channels=channels,
        sources=[f"{name}: {split.source}" for name, split in splits.items()],
    )


def _of_folder(place: str) -> tuple[dict, int]:
    """The reader of a folder with its options, and the number of classes."""
    root = Path(place).expanduser()
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder")
    if (root / "val" / ANNOTATIONS).is_file():
        return {"name": "tiny_imagenet", "folder": place}, _classes(root, "train")
    if (root / "train").is_dir() and not _has_parquet(root):
        for name in (name for names in TESTED for name in names):
            if (root / name).is_dir():
                options: dict = {} if name == "val" else {"test_split": name}
                return {"name": "imagefolder", "folder": place} | options, _classes(root, "train")
        return _divided(str(Path(place) / "train")), _classes(root, "train")
    return _of_parquet(place, root) if _has_parquet(root) else (_divided(place), _classes(root, ""))


def _divided(place: str) -> dict:
    """The reader of a folder whose images are not divided yet."""
    return {"name": "imagefolder", "folder": place, "test_fraction": SHARE, "seed": 0}


def _classes(root: Path, name: str) -> int:
    return len(list_images(Tree(root), name, None, tested=False).classes)


def _has_parquet(root: Path) -> bool:
    return any(path.is_file() for path in islice(root.rglob("*.parquet"), 1))


def _of_parquet(place: str, root: Path) -> tuple[dict, int]:
    """Options of parquet files: which split is tested, which columns hold images and labels."""
    tested = [names for names in TESTED if any(_is_of(path, names) for path in root.rglob("*.parquet"))]
    if not tested:
        names = ", ".join(name for names in TESTED for name in names)
        raise DatasetError(f"{root}: parquet files of no test split, expected one of {names}")
    shards = find_shards(root, {"train": ("train",), "test": tested[0]})["train"]
    image, label = columns_of(shards[0])
    options = {"test_split": tested[0][0], "image_column": image, "label_column": label}
    usual = {"test_split": "val", "image_column": "image", "label_column": "label"}
    options = {key: value for key, value in options.items() if value != usual[key]}
    classes = 1 + max(int(labels_in(shard, label).max(initial=0)) for shard in shards)
    return {"name": "imagefolder", "source": "parquet", "folder": place} | options, classes


def _is_of(path: Path, names: Iterable[str]) -> bool:
    return any(path.parent.name == name or path.name.startswith((f"{name}-", f"{name}.")) for name in names)


def _seen(split: Split, place: str) -> tuple[list[int], int]:
    """The short sides of some training images, and whether they are grey (1) or in colour (3)."""
    images = split.images
    if not isinstance(images, EncodedImages):
        height, width = images.shape[1:3]
        if height != width:
            raise DatasetError(f"{place}: the images are {height} x {width}, expected squares")
        return [int(height)], int(images.shape[3])
    looking = replace(images, fit=_Look())
    seen = np.array([looking.decode(named) for named in _some(images)])
    return sorted(seen[:, 0].tolist()), int(seen[:, 1].max())


def _some(images: EncodedImages) -> list[tuple[str, bytes | Path]]:
    """Some images: of files all over the classes, of parquet the first, since others would have to be read."""
    chunks = images.chunks()
    named = next(chunks)
    if isinstance(named[0][1], Path):
        named = [*named, *(image for chunk in chunks for image in chunk)]
        named = named[:: -(-len(named) // LOOKED_AT)]
    return named[:LOOKED_AT]
