"""Run records: the result of training one network, in a store addressed by what determines it.

A record is `<store>/<key>.json`; `netspaces.training.store` says what the key is made of. A run that is present is
never trained again, whichever population, figure or job asks for it.
"""

import math
import reprlib
from collections.abc import Mapping
from pathlib import Path

from netspaces.files import DamagedFile, read_json
from netspaces.networks.architecture import Architecture

FINISHED, DIVERGED = "finished", "diverged"
REMEDY = "delete the file to train this network again"
NUMBER = (int, float)
EXPECTED = {str: "text", int: "a whole number", NUMBER: "a finite number", dict: "keys and values", list: "a list"}
FIELDS = {
    "key": str,
    "status": str,
    "error": NUMBER,
    "error_min": NUMBER,
    "architecture": dict,
    "complexity": dict,
    "recipe": dict,
    "epochs": list,
    "seconds": NUMBER,
    "images_per_second": NUMBER,
    "peak_memory_mb": NUMBER,
    "device": str,
    "seed": int,
    "dataset": str,
}
VERSION = {"training_version": int}
FORMER_VERSION = {"digest": str}  # of the training code's sources, in records that `store.adopt` has not seen yet
COMPLEXITY = {"flops": int, "params": int, "activations": int}
OPTIONAL = {"error_selected": NUMBER, "diverged_in_epoch": int, "diverged_in_step": int, "precision": str}  # or null
EPOCH = {"train_loss": NUMBER, "train_error": NUMBER, "test_error": NUMBER}


class RecordError(ValueError):
    """A run record that cannot be read; the message names file, key and what was expected."""


def read_record(path: str | Path) -> dict:
    """Read and check one record; raises RecordError with one line naming the file, the key and the expectation."""
    try:
        record = read_json(path, "a run record", digest_needed=False)
    except DamagedFile as error:
        raise RecordError(f"{path}: {error.why}; {REMEDY}") from None
    check_record(record, path)
    if record["key"] != Path(path).stem:
        raise RecordError(f"{path}: key is {record['key']}, expected {Path(path).stem}; {REMEDY}")
    return record


def check_record(record: object, source: str | Path) -> dict:
    """Return the record if it holds what a run record holds; raises RecordError naming `source` and the key."""
    if not isinstance(record, dict):
        raise RecordError(f"{source}: holds {reprlib.repr(record)}, expected a run record; {REMEDY}")
    _check_fields(record, FIELDS | (FORMER_VERSION if "digest" in record else VERSION), source)
    _check_fields(record, {name: kind for name, kind in OPTIONAL.items() if record.get(name) is not None}, source)
    _check_fields(record["complexity"], COMPLEXITY, source, "complexity.")
    _check_fields(record["recipe"], {"epochs": int}, source, "recipe.")
    for number, epoch in enumerate(record["epochs"], start=1):
        _check_fields(epoch, EPOCH, source, f"epoch {number}: ")
    if record["status"] not in (FINISHED, DIVERGED):
        raise RecordError(f"{source}: status is {record['status']!r}, expected {FINISHED} or {DIVERGED}; {REMEDY}")
    try:
        Architecture.from_dict(record["architecture"])
    except (ValueError, TypeError) as error:
        raise RecordError(f"{source}: {error}, expected an architecture; {REMEDY}") from None
    return record


def _check_fields(values: object, expected: Mapping, source: str | Path, where: str = "") -> None:
    """Raise RecordError unless `values` holds what is expected: the types by key, finite numbers, no bool for one."""
    if not isinstance(values, Mapping):
        raise RecordError(f"{source}: {where}got {reprlib.repr(values)}, expected keys and values; {REMEDY}")
    for name, kind in expected.items():
        value = values.get(name)
        right = isinstance(value, kind) and not isinstance(value, bool)
        if not right or (isinstance(value, float) and not math.isfinite(value)):
            found = f"is {reprlib.repr(value)}" if name in values else "is missing"
            raise RecordError(f"{source}: {where}{name} {found}, expected {EXPECTED[kind]}; {REMEDY}")
