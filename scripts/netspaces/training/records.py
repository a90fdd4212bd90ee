"""Run records: the result of training one network, in a store addressed by what determines it.

A record is `<store>/<key>.json`; `netspaces.training.store` says what the key is made of. A run that is present is
never trained again, whichever population, figure or job asks for it. Nothing of a record is believed: its digest is
that of its contents, its key follows from them, and its errors agree with its epochs.
"""

import hashlib
import json
import math
import reprlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from netspaces.files.safe import DamagedFile, read_json, set_aside, write_json
from netspaces.networks.architecture import Architecture

FINISHED, DIVERGED = "finished", "diverged"
REMEDY = "remove it, and its network is trained again when its job runs"
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
IDENTITY = ("architecture", "recipe", "seed", "dataset", "training_version", "plugins")
"""What a key is a hash of, as far as a record has it (`netspaces.training.store.run_identity`)."""

FORMER_IDENTITY = ("architecture", "recipe", "seed", "dataset", "digest")
"""The same before versions were counted, in records that `store.adopt` has not seen; the digest was of sources."""

COMPLEXITY = {"flops": int, "params": int, "activations": int}
OPTIONAL = {"error_selected": NUMBER, "diverged_in_epoch": int, "diverged_in_step": int, "precision": str}  # or null
EPOCH = {"train_loss": NUMBER, "train_error": NUMBER, "test_error": NUMBER}
PERCENT = ("error", "error_min", "error_selected", "train_error", "test_error", "validation_error")


class RecordError(DamagedFile):
    """A run record that says something else than what was written, or a file that holds such a one; one line."""

    def __init__(self, path: str | Path, why: str, remedy: str = REMEDY) -> None:
        super().__init__(path, why, remedy)


def key_of(identity: object) -> str:
    """The key of a run with this identity, plain JSON values: 20 hexadecimal digits."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:20]


# ---- Files -----------------------------------------------------------------------------------------------------------


def read_record(path: str | Path) -> dict:
    """Read and check one record; raises RecordError, one line with the file, what is wrong and what was expected.

    One that was written before records had digests is checked by its key and its epochs.
    """
    return read_with_digest(Path(path))[0]


def find_record(path: Path) -> dict | None:
    """The record of a run, None if it is not there; a damaged one is set aside with a warning and counts as not there.

    One that was written before records had digests gets one.
    """
    try:
        record, sealed = read_with_digest(path)
    except FileNotFoundError:
        return None
    except RecordError as error:
        set_aside(error, "its network is trained again")
        return None
    if not sealed:
        with suppress(OSError):  # a store that cannot be written is no reason to refuse what it holds
            write_json(path, record)
    return record


def store_record(path: Path, record: Mapping) -> dict:
    """Write a record, unless another job has trained the same run meanwhile; returns the one in the store."""
    found = find_record(path)
    if found is None:
        write_json(path, record)
        return read_record(path)
    return found


def read_with_digest(path: Path) -> tuple[dict, bool]:
    """As `read_record`; also whether the file carries a digest."""
    sealed = True
    try:
        try:
            record = read_json(path, "a run record")
        except DamagedFile:
            record, sealed = read_json(path, "a run record", digest_needed=False), False
    except DamagedFile as error:
        raise RecordError(path, error.why) from None
    check_record(record, path)
    if record["key"] != path.stem:
        raise RecordError(path, f"key is {record['key']}, expected {path.stem}")
    return record, sealed


def check_against_store(record: Mapping, store: str | Path, source: str | Path, part: str = "") -> None:
    """Raise RecordError if the store holds something else under a record's key than a file `source` says of it.

    A run may have been trained twice at the same time: times and machines may differ. A store that does not have the
    run any more says nothing.
    """
    path = Path(store) / f"{record['key']}.json"
    again = f"remove {source} and run again"
    try:
        stored = read_record(path)
    except FileNotFoundError:
        return
    except RecordError as error:
        raise RecordError(path, error.why, again) from None
    if any(record.get(name) != stored.get(name) for name in (*IDENTITY, "status", "epochs", *PERCENT, "complexity")):
        raise RecordError(source, f"{part}it is not the run in {path}", "remove it and run again")


# ---- Contents --------------------------------------------------------------------------------------------------------


class _Wrong(ValueError):
    """Something of a record is not as it should be; the message says what and what was expected."""


def check_record(record: object, source: str | Path, part: str = "") -> dict:
    """Return the record if it holds what a run record holds.

    Raises RecordError naming the file `source` and, if the record is a part of it, which one.
    """
    try:
        if not isinstance(record, dict):
            raise _Wrong(f"holds {reprlib.repr(record)}, expected a run record")
        _check_types(record)
        _check_status(record)
        _check_epochs(record)
        _check_key(record)
    except _Wrong as error:
        raise RecordError(source, f"{part}{error}") from None
    return record


def _check_types(record: dict) -> None:
    version = "training_version" if "training_version" in record or "digest" not in record else "digest"
    _check_fields(record, FIELDS | {version: int if version == "training_version" else str})
    _check_fields(record, {name: kind for name, kind in OPTIONAL.items() if record.get(name) is not None})
    _check_fields(record["complexity"], COMPLEXITY, "complexity.")
    _check_fields(record["recipe"], {"epochs": int}, "recipe.")
    for number, epoch in enumerate(record["epochs"], start=1):
        _check_fields(epoch, EPOCH, f"epoch {number}: ")
        _check_fields(epoch, dict.fromkeys(epoch, NUMBER), f"epoch {number}: ")
    try:
        Architecture.from_dict(record["architecture"])
    except (ValueError, TypeError, OverflowError) as error:
        raise _Wrong(f"{error}, expected an architecture") from None


def _check_epochs(record: Mapping) -> None:
    """The epochs that the status asks for, and errors that are theirs."""
    epochs, asked = record["epochs"], record["recipe"]["epochs"]
    if record["status"] == FINISHED:
        if len(epochs) != asked or not epochs:
            raise _Wrong(f"holds {len(epochs)} epochs, expected the {asked} of its recipe")
        tested = [epoch["test_error"] for epoch in epochs]
        validated = all("validation_error" in epoch for epoch in epochs)
        selected = min(epochs, key=_validation_error)["test_error"] if validated else None
        right = {"error": tested[-1], "error_min": min(tested), "error_selected": selected}
    else:
        if len(epochs) >= asked:
            raise _Wrong(f"is {record['status']} and holds {len(epochs)} epochs, expected less than {asked}")
        right = {"error_min": record["error"], "error_selected": record["error"], "diverged_in_epoch": len(epochs) + 1}
        right = {name: value for name, value in right.items() if record.get(name) is not None}
    for name, value in right.items():
        if record.get(name) != value:
            raise _Wrong(f"{name} is {record.get(name)!r}, expected {value!r} by its epochs")


def _validation_error(epoch: Mapping) -> float:
    return epoch["validation_error"]


def _check_status(record: Mapping) -> None:
    status = record["status"]
    if status not in (FINISHED, DIVERGED):
        raise _Wrong(f"status is {status!r}, expected {FINISHED} or {DIVERGED}")
    for name in ("diverged_in_epoch", "diverged_in_step"):
        if status == FINISHED and record.get(name) is not None:
            raise _Wrong(f"status is {status} and {name} is {record[name]}, expected null")


def _check_key(record: Mapping) -> None:
    """The key is that of the contents."""
    if "training_version" in record:
        key = key_of({name: record[name] for name in IDENTITY if name in record})
    else:
        key = key_of([record[name] for name in FORMER_IDENTITY])
    if record["key"] != key:
        raise _Wrong(f"key is {record['key']}, its contents have {key}")


def _check_fields(values: object, expected: Mapping, where: str = "") -> None:
    """Raise _Wrong unless `values` holds what is expected: the types by key, finite numbers, errors in percent."""
    if not isinstance(values, Mapping):
        raise _Wrong(f"{where}got {reprlib.repr(values)}, expected keys and values")
    for name, kind in expected.items():
        value = values.get(name)
        right = isinstance(value, kind) and not isinstance(value, bool)
        if not right or (isinstance(value, float) and not math.isfinite(value)):
            found = f"is {reprlib.repr(value)}" if name in values else "is missing"
            raise _Wrong(f"{where}{name} {found}, expected {EXPECTED[kind]}")
        if name in PERCENT and not (isinstance(value, NUMBER) and 0 <= value <= 100):
            raise _Wrong(f"{where}{name} is {reprlib.repr(value)}, expected 0 to 100")
