"""meta.json: what the files of a prepared dataset hold. It is written last: a folder without it is not a dataset."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from netspaces.data.errors import EXPECTED, DamagedDataset, DatasetError
from netspaces.files.safe import DamagedFile, read_json

META = "meta.json"
FORMAT = 4
BEFORE_BLOCKS = 3
"""The format before this one, which had no digest of its own and none of blocks."""

SPLITS = ("train", "validation", "test")
OF_IMAGES = ("resolution", "stored_resolution", "stored_as", "channels", "classes", "mean", "std")
KEYS = ("name", *OF_IMAGES, *SPLITS, "files", "checksum")


def read_meta(path: str | Path) -> dict:
    """What a dataset's meta.json says; raises DatasetError if it is missing, damaged or of another format."""
    try:
        meta = read_json(path, "a prepared dataset", ["format"], digest_needed=False)
        if meta["format"] not in (FORMAT, BEFORE_BLOCKS):
            raise DamagedFile(path, f"format is {meta['format']!r}, expected {FORMAT}")
        meta = read_json(path, "a prepared dataset", KEYS, digest_needed=meta["format"] == FORMAT)
    except FileNotFoundError:
        raise DatasetError(f"{path}: missing, {EXPECTED}") from None
    except DamagedFile as error:
        raise DamagedDataset(path, error.why) from None
    if meta["checksum"] != checksum_of_files(meta["files"]):
        raise DamagedDataset(path, "its checksum is not that of its files")
    return meta


def checksum_of(folder: str | Path) -> str:
    """The checksum of a prepared dataset, which is part of its runs' keys; errors are those of `read_meta`."""
    return read_meta(Path(folder) / META)["checksum"]


def checksum_of_files(files: Mapping[str, str]) -> str:
    """The checksum of a dataset from the SHA-256 of each of its files by name."""
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
