"""A prepared dataset outlives a preparation that fails: it is taken again as soon as its settings are back.

The engine deletes meta.json, the output of the rule that prepares, before the rule's job starts and after it failed. So
a dataset has a copy of meta.json, which a preparation that fails renames to kept.json. The next one with the settings
and the code of kept.json finds all files checked, and puts meta.json back instead of reading the source.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from netspaces.data.errors import DatasetError
from netspaces.data.integrity import check_files
from netspaces.data.meta import META, read_meta
from netspaces.files.safe import write_json

COPY, KEPT = ".meta.json", "kept.json"


def publish(folder: Path, meta: Mapping) -> None:
    """Write meta.json and its copy: from now on the folder is a dataset."""
    write_json(folder / COPY, meta)
    write_json(folder / META, meta)


def withdraw(folder: Path) -> None:
    """Remove meta.json and its copies, before the files that they describe are replaced."""
    for name in (META, COPY, KEPT):
        (folder / name).unlink(missing_ok=True)


def keep(folder: Path) -> None:
    """Note that a preparation failed and left the files as they were."""
    if (folder / COPY).exists():
        os.replace(folder / COPY, folder / KEPT)


def restore(folder: Path, settings: Mapping, code: str) -> bool:
    """Put back the dataset that a failed preparation left, if it is whole and was prepared with these settings."""
    try:
        meta = read_meta(folder / KEPT)
        if (meta.get("settings"), meta.get("code")) != (json.loads(json.dumps(settings)), code):
            return False
        check_files(folder, meta, whole=True)
    except DatasetError:  # there is none, or it was damaged meanwhile
        return False
    publish(folder, meta)
    (folder / KEPT).unlink()
    return True
