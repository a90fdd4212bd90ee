"""Whether the files of a prepared dataset still hold what was written: digests of whole files and of their blocks.

A training job checks small files whole and samples blocks of large ones, so that the cost does not grow with the
dataset: a damaged block of many is met by one of many jobs. `check_dataset(folder, whole=True)` reads everything.
"""

import hashlib
import random
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from netspaces.data.errors import EXPECTED, REMEDY, DamagedDataset, DatasetError
from netspaces.data.meta import META, read_meta
from netspaces.files.safe import DamagedFile, check_regular

BLOCK = 2**24
"""Bytes of a block, the last of a file may be shorter."""

WHOLE_BLOCKS = 16
"""Files of at most so many blocks, 268 MB, are always checked whole: all labels, CIFAR-10."""

SAMPLED_BLOCKS = 8
"""Blocks of a larger file that a job checks: the first, the last and others at random."""


class BlockDigests:
    """The SHA-256 of each block of a file whose content comes in pieces of any length, cut to 16 digits."""

    def __init__(self) -> None:
        self.finished: list[str] = []
        self.block, self.room = hashlib.sha256(), BLOCK

    def update(self, content: bytes | memoryview) -> None:
        """Take in the next piece."""
        rest = memoryview(content)
        rest = rest.cast("B") if rest.nbytes else memoryview(b"")
        while rest:
            part, rest = rest[: self.room], rest[self.room :]
            self.block.update(part)
            self.room -= len(part)
            if not self.room:
                self._finish_block()

    def _finish_block(self) -> None:
        self.finished.append(self.block.hexdigest()[:16])
        self.block, self.room = hashlib.sha256(), BLOCK

    def result(self) -> list[str]:
        """The digests of all blocks, once there is no further piece."""
        if self.room < BLOCK:
            self._finish_block()
        return self.finished


def check_dataset(folder: str | Path, whole: bool = True) -> int:
    """Check the files of a prepared dataset against its meta.json; returns the number of bytes that were read.

    Parameters
    ----------
    folder : of the dataset.
    whole : whether to read everything, or blocks of large files only, as a training job does.

    Raises DatasetError, which names the file, if one is missing or damaged.
    """
    return check_files(Path(folder), read_meta(Path(folder) / META), whole)


def check_files(folder: Path, meta: Mapping, whole: bool) -> int:
    """The same for a meta.json that was read."""
    check_regular_files(folder, meta["files"])
    blocks = meta.get("blocks")
    return sum(
        _check_blocks(folder / name, blocks[name], whole) if blocks else _check_whole(folder / name, digest, whole)
        for name, digest in meta["files"].items()
    )


def check_regular_files(folder: Path, names: Iterable[str]) -> None:
    """Raise DamagedDataset for a folder or a pipe in the place of a file, before anything waits for a pipe's writer."""
    for name in names:
        try:
            with suppress(FileNotFoundError):  # which is said by what opens the file
                check_regular(folder / name, "a file of a prepared dataset")
        except DamagedFile as error:
            raise DamagedDataset(error.path, error.why, REMEDY) from None


def _check_blocks(path: Path, digests: list[str], whole: bool) -> int:
    """Check the blocks of a file: all, or those that a job samples."""
    try:
        with open(path, "rb") as file:
            size, n = file.seek(0, 2), len(digests)
            if -(-size // BLOCK) != n:
                raise DamagedDataset(path, f"it holds {size:,} bytes, {n} blocks were written", REMEDY)
            chosen = range(n) if whole or n <= WHOLE_BLOCKS else _sampled(n)
            read = 0
            for i in chosen:
                file.seek(i * BLOCK)
                content = file.read(BLOCK)
                read += len(content)
                if hashlib.sha256(content).hexdigest()[:16] != digests[i]:
                    where = f"the block at byte {i * BLOCK:,}"
                    raise DamagedDataset(path, f"{where} is not what was written", REMEDY)
            return read
    except FileNotFoundError:
        raise DatasetError(f"{path}: missing, {EXPECTED}; {REMEDY}") from None


def _sampled(n: int) -> list[int]:
    """Blocks of a file of n: the first, the last, and others at random, so that many jobs together check all."""
    return [0, n - 1, *random.Random().sample(range(1, n - 1), SAMPLED_BLOCKS - 2)]


def _check_whole(path: Path, digest: str, whole: bool) -> int:
    """Check a file of a dataset that was prepared before blocks had digests: large ones only if asked to."""
    try:
        size = path.stat().st_size
        if not whole and size > WHOLE_BLOCKS * BLOCK:
            return 0
        with open(path, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise DamagedDataset(path, "it is not what was written", REMEDY)
        return size
    except FileNotFoundError:
        raise DatasetError(f"{path}: missing, {EXPECTED}; {REMEDY}") from None
