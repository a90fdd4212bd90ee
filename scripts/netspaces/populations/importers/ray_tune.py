"""A folder of Ray Tune's results: a row per trial, from its `result.json`, its `params.json` and perhaps `error.txt`.

The errors are those of the last report and the best one. `epochs` says how many iterations a whole training has:
trials that a scheduler stopped, or that are running, ended earlier and are `missing`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from netspaces.populations.imported_files import ImportFileError, read_text
from netspaces.populations.imported_reports import Reports, reported_table
from netspaces.populations.imported_tables import Said

WRITTEN = ("params.json", "result.json", "error.txt", "error.pkl", "progress.csv")  # any makes a folder a trial
KNOWN = {"epochs": ("training_iteration",), "seconds": ("time_total_s",), "status": ("state",)}


def read(path: Path, columns: Mapping[str, str], **said: Any) -> pd.DataFrame:
    """A row per trial; raises ImportFileError."""
    if not path.is_dir():
        raise ImportFileError(f"{path}: no directory, expected the folder of an experiment, with a folder per trial")
    folders = sorted(folder for folder in path.iterdir() if any((folder / name).exists() for name in WRITTEN))
    trials = {folder.name: _trial(folder) for folder in folders}
    return reported_table(path, trials, columns, KNOWN, Said(**said))


def _trial(folder: Path) -> Reports:
    """What a trial was given, and its reports. The last line of a log may be cut where its writer was killed."""
    failed = any((folder / name).exists() for name in ("error.txt", "error.pkl"))
    parameters = folder / "params.json"
    given = _flat({"config": _object(parameters)}) if parameters.exists() else {}
    given |= {"trial": folder.name, "state": "error" if failed else "finished"}
    log = folder / "result.json"
    lines = read_text(log).splitlines(keepends=True) if log.exists() else []
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
    reports = [_parsed(log, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    return Reports(given, [_flat({name: value for name, value in of.items() if name != "config"}) for of in reports])


def _flat(values: Mapping) -> dict:
    """Values within values by names as Ray's own tables have them: `val/acc` of {"val": {"acc": 0.9}}."""
    flat: dict[str, object] = {}
    for name, value in values.items():
        inner = _flat(value) if isinstance(value, Mapping) else None
        flat |= {f"{name}/{key}": each for key, each in inner.items()} if inner is not None else {name: value}
    return flat


def _object(path: Path) -> dict:
    return _parsed(path, 1, read_text(path))


def _parsed(path: Path, number: int, text: str) -> dict:
    """The object that a text in JSON is."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportFileError(f"{path}: line {number}: not JSON ({error})") from None
    if not isinstance(content, dict):
        raise ImportFileError(f"{path}: line {number}: got {type(content).__name__}, expected keys and values")
    return content


IMPORTER = read
