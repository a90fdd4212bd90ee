"""Run records: the result of training one network, in a store addressed by what determines it.

A record is `<store>/<key>.json`; the key is a hash of architecture, recipe, seed, dataset contents and the sources of
the training code. A run that is present is never trained again, whichever population, figure or job asks for it.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from netspaces.architecture import Architecture

FINISHED, DIVERGED = "finished", "diverged"
REMEDY = "delete the file to train this network again"
FIELDS = {
    "key": str,
    "status": str,
    "error": (int, float),
    "error_min": (int, float),
    "architecture": dict,
    "complexity": dict,
    "recipe": dict,
    "epochs": list,
    "seconds": (int, float),
    "images_per_second": (int, float),
}


class RecordError(ValueError):
    """A run record that cannot be read; the message names file, key and what was expected."""


def run_key(architecture: Architecture, recipe: Mapping, seed: int, dataset: str, digest: str) -> str:
    """The identity of a run: a hash of all that determines its result on one kind of device."""
    content = [architecture.to_dict(), dict(recipe), seed, dataset, digest]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def read_record(path: str | Path) -> dict:
    """Read and check one record; raises RecordError with one line naming the file, the key and the expectation."""
    try:
        record = json.loads(Path(path).read_text())
    except ValueError as error:
        raise RecordError(f"{path}: not JSON ({error}), expected a run record; {REMEDY}") from None
    check_record(record, path)
    if record["key"] != Path(path).stem:
        raise RecordError(f"{path}: key is {record['key']}, expected {Path(path).stem}; {REMEDY}")
    return record


def check_record(record: object, source: str | Path) -> dict:
    """Return the record if it holds what a run record holds; raises RecordError naming `source` and the key."""
    if not isinstance(record, dict):
        raise RecordError(f"{source}: holds a {type(record).__name__}, expected a run record; {REMEDY}")
    for name, kind in FIELDS.items():
        if not isinstance(record.get(name), kind):
            expected = kind.__name__ if isinstance(kind, type) else "number"
            raise RecordError(f"{source}: {name} is {record.get(name)!r}, expected a {expected}; {REMEDY}")
    if record["status"] not in (FINISHED, DIVERGED):
        raise RecordError(f"{source}: status is {record['status']!r}, expected {FINISHED} or {DIVERGED}; {REMEDY}")
    return record
