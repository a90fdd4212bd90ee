"""Preparation: a dataset read from its source, checked, and written once into the folder that training jobs map.

Memory is bounded: images pass through in chunks. Every file is written under a temporary name; all are renamed at the
end, and meta.json is written last, so that a preparation that was killed leaves the dataset of before, or none.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from netspaces.data.checks import check, check_channels, with_flat_labels
from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.growing_files import ArrayFile, GrowingFile, JpegFile
from netspaces.data.images import Chunk, decoded
from netspaces.data.kept import keep, publish, restore, withdraw
from netspaces.data.meta import FORMAT, SPLITS, checksum_of_files
from netspaces.data.moments import Moments
from netspaces.data.options import arguments
from netspaces.data.readers import READERS
from netspaces.data.shares import with_shares
from netspaces.data.suspicions import Suspicions
from netspaces.files.suggestions import one_of


def prepare(settings: Mapping, folder: str | Path, threads: int = 1, code: str = "") -> list[str]:
    """Read, check and write a dataset into `folder`; what was there stays until the new one is complete.

    Parameters
    ----------
    settings : a preset's `dataset:`.
    folder : of the dataset.
    threads : that decode images.
    code : a digest of the code that prepares. A dataset that a failed preparation left in the folder is taken again
        only if this and the settings are as they were.

    Returns a line per split of the source: how many images, from where, and what was left out; and a line for each
    thing that is allowed and mostly a mistake. Raises DatasetError if the source is not what `settings` say.
    """
    folder = Path(folder)
    if restore(folder, settings, code):
        return [f"{folder}: the dataset that was prepared with these settings before"]
    try:
        splits = read(settings)
        check(splits, settings)
        splits = with_shares(splits, settings)
        warnings = write(splits, settings, folder, threads, code)
    except BaseException:
        keep(folder)
        raise
    counts = [
        f"{name}: {len(split.labels):,} images, {split.source or settings['name']}" for name, split in splits.items()
    ]
    return counts + warnings


def write(splits: Mapping[str, Split], settings: Mapping, folder: Path, threads: int, code: str) -> list[str]:
    """Write the images and labels of a dataset that was read and checked; returns a line for each suspicion."""
    held_out = validation_rows(splits["train"].labels, settings)
    folder.mkdir(parents=True, exist_ok=True)
    remove_temporary(folder)
    moments, suspicions = Moments(settings["channels"]), Suspicions()
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(threads))
        encoders = pool if settings.get("stored_as") == "jpeg" else None
        files = split_files(folder, splits, held_out, settings["resolution"], encoders)
        named = {file.path.stem: stack.enter_context(file) for file in files}
        for split in ("train", "test"):
            chunks = watched(decoded(splits[split].images, pool), split, suspicions)
            write_split(split, chunks, splits[split].labels, held_out, settings["resolution"], named, moments)
        check_channels(*moments.result(), settings)
        digests = {file.path.name: file.finish() for file in files}
        withdraw(folder)
        for file in files:
            file.publish()
    remove_others(folder, {file.path.name for file in files})
    blocks = {file.path.name: file.blocks.result() for file in files}
    described = description(settings, splits, held_out, moments, digests)
    publish(folder, described | {"blocks": blocks, "settings": dict(settings), "code": code})
    return suspicions.lines(settings, max(described["std"]))


def watched(chunks: Iterable[Chunk], split: str, suspicions: Suspicions) -> Iterator[np.ndarray]:
    """The pixels of chunks of a split, each of which is noted as it passes by."""
    for chunk in chunks:
        suspicions.add(split, chunk)
        yield chunk.pixels


def description(
    settings: Mapping,
    splits: Mapping[str, Split],
    held_out: np.ndarray,
    moments: Moments,
    digests: Mapping[str, str],
) -> dict:
    """What the files of a prepared dataset hold, and the SHA-256 of each by its name, for meta.json."""
    mean, std = moments.result()
    return {
        "format": FORMAT,
        "name": settings["name"],
        "resolution": settings["resolution"],
        "stored_resolution": int(splits["train"].images.shape[1]),
        "stored_as": settings.get("stored_as", "uint8"),
        "channels": settings["channels"],
        "classes": settings["classes"],
        "train": int((~held_out).sum()),
        "validation": int(held_out.sum()),
        "test": len(splits["test"].labels),
        "mean": mean,
        "std": std,
        "files": dict(digests),
        "checksum": checksum_of_files(digests),
    }


def read(settings: Mapping) -> dict[str, Split]:
    """Open a dataset at its source: a train and a test split, whose images may still be encoded."""
    name = settings["name"]
    if name not in READERS:
        raise DatasetError(f"dataset: name is {name!r}, expected {one_of(name, READERS)}")
    splits = READERS[name].read(**arguments(READERS[name], settings))
    if set(splits) != {"train", "test"}:
        raise DatasetError(f"dataset: the reader {name} gave the splits {', '.join(splits)}, expected train and test")
    return {split: with_flat_labels(split, opened, settings) for split, opened in splits.items()}


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


def remove_temporary(folder: Path) -> None:
    """Remove files that a killed preparation left half-written."""
    for path in folder.glob(".*_*.*.*"):
        path.unlink()


def remove_others(folder: Path, kept: Set[str]) -> None:
    """Remove files of a dataset of other settings."""
    for path in (*folder.glob("*_*.npy"), *folder.glob("*_*.jpeg")):
        if path.name not in kept:
            path.unlink()


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
    chunks: Iterable[np.ndarray],
    labels: np.ndarray,
    held_out: np.ndarray,
    side: int,
    files: Mapping[str, GrowingFile],
    moments: Moments,
) -> None:
    """Write the images and labels of a split of the source; of `train`, the rows held out go to validation."""
    start = 0
    for chunk in chunks:
        rows = slice(start, start + len(chunk))
        out = held_out[rows] if name == "train" else np.zeros(len(chunk), bool)
        for target, chosen in ((name, ~out), ("validation", out)):
            if chosen.any():
                images = chunk[chosen]
                if target == "train":
                    moments.add(images)
                files[f"{target}_images"].write(images if target == "train" else centre(images, side))
                files[f"{target}_labels"].write(labels[rows][chosen])
        start = rows.stop


def centre(images: np.ndarray, side: int) -> np.ndarray:
    """The middle square of images (n, height, width, channels)."""
    top, left = (round((length - side) / 2) for length in images.shape[1:3])
    return images[:, top : top + side, left : left + side]
