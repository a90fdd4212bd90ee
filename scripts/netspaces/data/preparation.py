"""Preparation: a dataset read from its source, checked, and written once into the folder that training jobs map.

Memory is bounded: images pass through in blocks. Every file is written under a temporary name; all are renamed at the
end, and meta.json is written last, so that a preparation that was killed leaves no dataset at all.
"""

import hashlib
import inspect
import io
import math
import os
from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np

from netspaces.data.datasets import FORMAT, SPLITS, DatasetError, Split
from netspaces.data.images import decoded
from netspaces.data.jpeg import encoded
from netspaces.data.readers import OF_EVERY_DATASET, READERS
from netspaces.files import write_json


def prepare(settings: Mapping, folder: str | Path, threads: int = 1) -> None:
    """Read, check and write a dataset into `folder`; what was there is no dataset from the start on."""
    folder = Path(folder)
    splits = read(settings)
    check(splits, settings)
    held_out = validation_rows(splits["train"].labels, settings)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meta.json").unlink(missing_ok=True)
    side, channels = settings["resolution"], settings["channels"]
    moments = Moments(channels)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(threads))
        stored_as = settings.get("stored_as", "uint8")
        files = split_files(folder, splits, held_out, side, pool if stored_as == "jpeg" else None)
        remove_left(folder, {file.path.name for file in files})
        named = {file.path.stem: stack.enter_context(file) for file in files}
        for split in ("train", "test"):
            write_split(split, splits[split], held_out, side, named, moments, pool)
        digests = {file.path.name: file.finish() for file in files}
        for file in files:
            file.publish()
    mean, std = moments.result()
    meta = {
        "format": FORMAT,
        "name": settings["name"],
        "resolution": side,
        "stored_resolution": int(splits["train"].images.shape[1]),
        "stored_as": stored_as,
        "channels": channels,
        "classes": settings["classes"],
        "train": int((~held_out).sum()),
        "validation": int(held_out.sum()),
        "test": len(splits["test"].labels),
        "mean": mean,
        "std": std,
        "files": digests,
        "checksum": hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()[:16],
    }
    write_json(folder / "meta.json", meta)


def read(settings: Mapping) -> dict[str, Split]:
    """Open a dataset at its source: a train and a test split, whose images may still be encoded."""
    name = settings["name"]
    if name not in READERS:
        raise DatasetError(f"dataset: name is {name!r}, expected one of {', '.join(READERS)}")
    wanted = inspect.signature(READERS[name]).parameters
    unasked = set(OF_EVERY_DATASET).difference(wanted)
    return READERS[name](**{key: value for key, value in settings.items() if key not in unasked})


def check(splits: Mapping[str, Split], settings: Mapping) -> None:
    """Raise DatasetError if images or labels are not what the preset declares (resolution, channels, classes)."""
    place = f" ({settings['folder']})" if "folder" in settings else ""
    for name, split in splits.items():
        height, width, channels = split.images.shape[1:]
        images = f"the {name} images of {settings['name']}{place} are {height} x {width} x {channels}"
        stored = settings.get("stored_resolution") if name == "train" else None
        key = "stored_resolution" if stored else "resolution"
        for found, declared in ((height, key), (width, key), (channels, "channels")):
            if found != settings[declared]:
                raise DatasetError(f"dataset: {declared} is {settings[declared]}, expected {found}: {images}")
        if len(split.labels) != split.images.shape[0]:
            raise DatasetError(f"dataset: {name} has {split.images.shape[0]} images, but {len(split.labels)} labels")
        labels = np.unique(split.labels)
        if len(gaps := np.setdiff1d(np.arange(settings["classes"]), labels)):
            where = f"no {name} image{place} is of class {gaps[0]}"
            raise DatasetError(f"dataset: classes is {settings['classes']}, but {where}")
        if len(labels) > settings["classes"]:
            wrong = labels[-1] if labels[-1] >= settings["classes"] else labels[0]
            raise DatasetError(f"dataset: classes is {settings['classes']}, but {name}{place} has the label {wrong}")


def validation_rows(labels: np.ndarray, settings: Mapping) -> np.ndarray:
    """Which training images, (n,) bool, become the validation split: the same share of each class."""
    held_out = np.zeros(len(labels), bool)
    if fraction := settings.get("validation_fraction", 0):
        from sklearn.model_selection import train_test_split

        seed = settings.get("validation_seed", 0)
        try:
            _, rows = train_test_split(np.arange(len(labels)), test_size=fraction, stratify=labels, random_state=seed)
        except ValueError as error:
            raise DatasetError(f"dataset: validation_fraction is {fraction}: {error}") from None
        held_out[rows] = True
        for rest, kind in ((held_out, "validation"), (~held_out, "training")):
            if len(missing := np.setdiff1d(labels, labels[rest])):
                raise DatasetError(
                    f"dataset: validation_fraction is {fraction}, which leaves no {kind} image of class {missing[0]}"
                )
    return held_out


def remove_left(folder: Path, wanted: Set[str]) -> None:
    """Remove files that a killed preparation left half-written, and those of other settings."""
    for path in (*folder.glob(".*_*.*.*"), *folder.glob("*_*.npy"), *folder.glob("*_*.jpeg")):
        if path.name not in wanted:
            path.unlink()


class GrowingFile:
    """A file that grows under a temporary name; a context that leaves none of those behind."""

    def __init__(self, path: Path):
        self.path = path
        self.temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
        self.sha256 = hashlib.sha256()

    def __enter__(self) -> Self:
        self.file = open(self.temporary, "xb")
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.temporary.unlink(missing_ok=True)

    def append(self, content: bytes | memoryview) -> None:
        """Append bytes."""
        self.file.write(content)
        self.sha256.update(content)

    def finish(self) -> str:
        """Flush all to the disk; returns the SHA-256 of the file."""
        self.file.flush()
        os.fsync(self.file.fileno())
        return self.sha256.hexdigest()

    def publish(self) -> None:
        """Give the file its name."""
        os.replace(self.temporary, self.path)


class ArrayFile(GrowingFile):
    """An .npy file of known shape."""

    def __init__(self, path: Path, dtype: type, shape: tuple[int, ...]):
        super().__init__(path)
        self.dtype, self.shape, self.rows = np.dtype(dtype), shape, 0

    def __enter__(self) -> Self:
        super().__enter__()
        header = io.BytesIO()
        described = {"descr": self.dtype.str, "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(header, described)
        self.append(header.getvalue())
        return self

    def write(self, block: np.ndarray) -> None:
        """Append rows."""
        self.append(np.ascontiguousarray(block, self.dtype).data)
        self.rows += len(block)

    def finish(self) -> str:
        """Flush all to the disk; returns the SHA-256 of the file."""
        if self.rows != self.shape[0]:
            raise DatasetError(f"{self.path.name}: {self.rows} rows came, expected {self.shape[0]}: the source changed")
        return super().finish()


class JpegFile(GrowingFile):
    """The bytes of JPEG images, encoded by the threads of a pool; `offsets` gets where each begins and ends."""

    def __init__(self, path: Path, offsets: ArrayFile, pool: ThreadPoolExecutor):
        super().__init__(path)
        self.offsets, self.pool, self.end = offsets, pool, 0

    def write(self, block: np.ndarray) -> None:
        """Append images (k, height, width, channels)."""
        if not self.end:
            self.offsets.write(np.zeros(1))
        images = list(self.pool.map(encoded, block))
        ends = self.end + np.cumsum([len(image) for image in images])
        self.append(b"".join(images))
        self.offsets.write(ends)
        self.end = int(ends[-1])


def split_files(
    folder: Path, splits: Mapping[str, Split], held_out: np.ndarray, side: int, encoders: ThreadPoolExecutor | None
) -> list[GrowingFile]:
    """The files of a prepared dataset: images, JPEG if there are encoders, and labels of every split that has any."""
    counts = {"train": (~held_out).sum(), "validation": held_out.sum(), "test": len(splits["test"].labels)}
    channels = splits["train"].images.shape[-1]
    sides = {"train": splits["train"].images.shape[1]}
    files: list[GrowingFile] = []
    for name in SPLITS:
        if n := int(counts[name]):
            if encoders:
                offsets = ArrayFile(folder / f"{name}_offsets.npy", np.int64, (n + 1,))
                files += [JpegFile(folder / f"{name}_images.jpeg", offsets, encoders), offsets]
            else:
                shape = (n, *[int(sides.get(name, side))] * 2, channels)
                files.append(ArrayFile(folder / f"{name}_images.npy", np.uint8, shape))
            files.append(ArrayFile(folder / f"{name}_labels.npy", np.int64, (n,)))
    return files


def write_split(
    name: str,
    split: Split,
    held_out: np.ndarray,
    side: int,
    files: Mapping[str, GrowingFile],
    moments: "Moments",
    pool: ThreadPoolExecutor,
) -> None:
    """Write the images and labels of a split of the source; of `train`, the rows held out go to validation."""
    row = 0
    for block in decoded(split.images, pool):
        rows = slice(row, row + len(block))
        out = held_out[rows] if name == "train" else np.zeros(len(block), bool)
        for target, chosen in ((name, ~out), ("validation", out)):
            if chosen.any():
                images = block[chosen]
                if target == "train":
                    moments.add(images)
                files[f"{target}_images"].write(images if target == "train" else centre(images, side))
                files[f"{target}_labels"].write(split.labels[rows][chosen])
        row = rows.stop


def centre(images: np.ndarray, side: int) -> np.ndarray:
    """The middle square of images (n, height, width, channels)."""
    top, left = (round((length - side) / 2) for length in images.shape[1:3])
    return images[:, top : top + side, left : left + side]


class Moments:
    """Mean and standard deviation per channel, from exact sums: the order of the images does not matter."""

    ROWS = 1024  # at once: few enough for the processor's cache, and for their sum of squares to fit 32 bits

    def __init__(self, channels: int):
        self.pixels, self.sums, self.squares = 0, np.zeros(channels, np.int64), np.zeros(channels, np.int64)

    def add(self, images: np.ndarray) -> None:
        """Add images (n, height, width, channels) of uint8."""
        n, height, width, channels = images.shape
        rows = images.reshape(n * height, width * channels)
        self.pixels += n * height * width
        for start in range(0, len(rows), self.ROWS):
            part = rows[start : start + self.ROWS]
            squared = part.astype(np.uint16)
            squared *= squared
            for total, values in ((self.sums, part), (self.squares, squared)):
                columns = values.sum(axis=0, dtype=np.uint32)
                total += columns.reshape(width, channels).sum(axis=0, dtype=np.int64)

    def result(self) -> tuple[list[float], list[float]]:
        """(means, deviations) of pixels between 0 and 1."""
        pairs = [(int(total), int(squares)) for total, squares in zip(self.sums, self.squares, strict=True)]
        means = [total / self.pixels / 255 for total, _ in pairs]
        variances = [(self.pixels * squares - total**2) / self.pixels**2 for total, squares in pairs]
        return means, [math.sqrt(variance) / 255 for variance in variances]
