"""Folders of images in torchvision's ImageFolder layout: a folder per class, of images of any size.

Nothing is passed over in silence: hidden files, files of other endings and what lies beside the classes are counted.
Links to files or folders elsewhere count as what they lead to; a folder that is reached twice is refused.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.images import CHUNK, EncodedImages, Exact, Fitted

ENDINGS = tuple(".jpg .jpeg .jpe .jfif .png .ppm .pgm .pbm .pnm .bmp .dib .tif .tiff .webp .gif".split())
"""Endings of the files that are read, in lower case."""

OF_SYSTEMS = ("__MACOSX", "@eaDir", "lost+found")
"""Folders that operating systems make beside a user's own; some hold small copies of the images."""

Identity = tuple[int, int]
"""Device and inode: what two names of one file or folder share."""


@dataclass
class Tree:
    """The folders and test images of one dataset that were met so far, so that none is taken twice.

    `reached` says by what name a folder was met first; `tested` holds the test images.
    """

    root: Path
    reached: dict[Identity, Path] = field(default_factory=dict)
    tested: set[Identity] = field(default_factory=set)

    def enter(self, folder: Path) -> None:
        """Note a folder; raises DatasetError if its images would count twice."""
        status = folder.stat()
        identity = (status.st_dev, status.st_ino)
        if folder != self.root and folder.is_symlink() and self.root.resolve().is_relative_to(folder.resolve()):
            raise DatasetError(f"{folder}: a link to {folder.resolve()}, which contains the dataset")
        if identity in self.reached:
            raise DatasetError(f"{folder}: the same folder as {self.reached[identity]}, whose images would count twice")
        self.reached[identity] = folder


@dataclass
class Listing:
    """What one split's folder holds: its classes, the (file, label) pairs sorted by name, what was left out by kind."""

    folder: Path
    classes: list[str]
    files: list[tuple[str, int]]
    left_out: Counter[str]

    @property
    def summary(self) -> str:
        """What was taken and left out, in a line."""
        taken = f"{len(self.files):,} files in {len(self.classes):,} folders of {self.folder}"
        left_out = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.left_out.items()))
        return f"{taken}, left out {left_out}" if left_out else taken


def list_images(tree: Tree, name: str, classes: int | None, tested: bool) -> Listing:
    """The images of the split in the folder `name`, of which `classes` are expected, or any number if that is None.

    Test images are listed first. Raises DatasetError for a missing or wrong folder, a class without an image, what is
    no regular file, a link that leads back, and a training image that is a test image.
    """
    folder, left_out = tree.root / name, Counter[str]()
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder")
    try:
        tree.enter(folder)
        of_class = [entry.name for entry in _entries(folder, left_out, within_class=False)]
        if not of_class or classes not in (None, len(of_class)):
            expected = "some" if classes is None else f"classes: {classes}"
            raise DatasetError(f"{folder}: {len(of_class)} folders, one per class, expected {expected}")
        files = []
        for label, class_name in enumerate(of_class):
            found = sorted(_images(folder / class_name, tree, left_out, tested))
            if not found:
                raise DatasetError(f"{folder / class_name}: no image, expected at least one of each class")
            files += [(os.path.join(*path), label) for path in found]
    except OSError as error:
        raise DatasetError(f"{error.filename or folder}: {error.strerror}") from None
    return Listing(folder, of_class, files, left_out)


def list_folder(tree: Tree, name: str) -> Listing:
    """The test images of a folder without classes, all of label 0; raises DatasetError as `list_images` does."""
    folder, left_out = tree.root / name, Counter[str]()
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder")
    files = [(os.path.join(*path), 0) for path in sorted(_images(folder, tree, left_out, tested=True))]
    return Listing(folder, [], files, left_out)


def list_divided(tree: Tree, classes: int, test_fraction: float, seed: int) -> tuple[Listing, Listing]:
    """Training and test images of a folder of classes: of each a share, drawn with `seed`, is tested.

    Raises DatasetError as `list_images` does, and for a file of two names, which might be trained on and tested.
    """
    from sklearn.model_selection import train_test_split

    listing = list_images(tree, "", classes, tested=True)
    if len(tree.tested) < len(listing.files):
        named: dict[Identity, str] = {}
        for file, _ in listing.files:
            status = os.stat(file)
            if (first := named.setdefault((status.st_dev, status.st_ino), file)) != file:
                raise DatasetError(f"{file}: the same file as {first}, expected each once")
    labels = [label for _, label in listing.files]
    given = {"test_size": test_fraction, "stratify": labels, "random_state": seed}
    try:
        parts = train_test_split(listing.files, **given)
    except ValueError as error:  # fewer images than classes
        raise DatasetError(f"{listing.folder}: test_fraction is {test_fraction}: {error}") from None
    trained, tests = (replace(listing, files=sorted(part)) for part in parts)
    return trained, tests


def _images(folder: Path, tree: Tree, left_out: Counter[str], tested: bool) -> Iterator[tuple[str, str]]:
    """The images below a folder, as (folder, name)."""
    tree.enter(folder)
    device = folder.stat().st_dev
    for entry in _entries(folder, left_out, within_class=True):
        if entry.is_dir():
            yield from _images(Path(entry.path), tree, left_out, tested)
            continue
        status = entry.stat() if entry.is_symlink() else None
        identity = (status.st_dev, status.st_ino) if status else (device, entry.inode())
        if tested:
            tree.tested.add(identity)
        elif identity in tree.tested:
            raise DatasetError(f"{entry.path}: a training image that is a test image too, by a link")
        yield str(folder), entry.name


def _entries(folder: Path, left_out: Counter[str], within_class: bool) -> list[os.DirEntry]:
    """What of a folder is looked at, by name: images and folders inside a class, else the folders of classes."""
    taken = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        is_folder, ending = entry.is_dir(), os.path.splitext(entry.name)[1].lower()
        if entry.name.startswith(".") or entry.name in OF_SYSTEMS:
            left_out["hidden folders" if is_folder else "hidden files"] += 1
        elif is_folder or entry.is_file() and within_class and ending in ENDINGS:
            taken.append(entry)
        elif entry.is_file():
            left_out[(ending or "without an ending") if within_class else "beside the classes"] += 1
        else:
            what = "a socket, pipe or device" if os.path.exists(entry.path) else "a link to nothing"
            raise DatasetError(f"{entry.path}: {what}, expected a regular file")
    return taken


def folder_split(listing: Listing, fit: Exact | Fitted) -> Split:
    """One split, whose images are decoded while they are written."""
    files = listing.files

    def chunks() -> Iterator[list[tuple[str, bytes | Path]]]:
        for start in range(0, len(files), CHUNK):
            yield [(path, Path(path)) for path, _ in files[start : start + CHUNK]]

    shape = (len(files), fit.side, fit.side, fit.channels)
    labels = np.array([label for _, label in files], np.int64)
    return Split(EncodedImages(shape, chunks, fit), labels, listing.summary)
