"""A study in an Optuna storage (SQLite): a row per trial, with the columns of Optuna's `trials_dataframe`.

They are `number`, `value` (`values_0`, ... of several objectives), `params_...`, `user_attrs_...`, `state` and, in
seconds, `duration`. The error is `value` unless `columns` names another.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

from netspaces.populations.imported_files import ImportFileError, check_file
from netspaces.populations.imported_tables import Said, as_cells, population_table, with_known_columns

KNOWN = {"status": ("state",), "seconds": ("duration",)}
TRIALS = """
    SELECT trial_id, number, state, (julianday(datetime_complete) - julianday(datetime_start)) * 86400
    FROM trials WHERE study_id = ? ORDER BY number
"""
PARTS = "SELECT trial_id, {columns} FROM {table} WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?)"
DIRECTION = "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective"
DIRECTIONS = {"error": "MINIMIZE", "accuracy": "MAXIMIZE"}
INFINITE = {"INF_POS": "inf", "INF_NEG": "-inf"}


def read(path: Path, columns: Mapping[str, str], *, study: str | None = None, **said: Any) -> pd.DataFrame:
    """A row per trial; `study` names one of several studies. Raises ImportFileError."""
    check_file(path)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as storage:
            number = _study_id(storage, path, study)
            trials = _trials(storage, number)
            direction = storage.execute(DIRECTION, (number,)).fetchone()
    except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, ImportFileError):
            raise
        raise ImportFileError(f"{path}: {error}, expected an SQLite storage of Optuna 3 or newer") from None
    cells = as_cells(trials)
    named = dict(columns) if {"error", "error_min"} & set(columns) else {"error": "value", **columns}
    metric, is_value = said.get("metric"), "value" in (named.get("error"), named.get("error_min"))
    if is_value and metric and direction and direction[0] != DIRECTIONS[metric]:
        found = f"the study's direction is {direction[0]}, but metric: {metric} is said of its value"
        raise ImportFileError(f"{path}: {found}, expected {DIRECTIONS[metric]}")
    return population_table(path, cells, with_known_columns(cells, named, KNOWN), Said(**said))


def _study_id(storage: sqlite3.Connection, path: Path, study: str | None) -> int:
    """The study of that name, or the only one."""
    ids = {name: number for number, name in storage.execute("SELECT study_id, study_name FROM studies")}
    if study is None and len(ids) == 1:
        return next(iter(ids.values()))
    if study not in ids:
        given = "several studies" if study is None else f"no study {study!r}"
        raise ImportFileError(f"{path}: {given}, expected study: with one of {', '.join(map(str, ids)) or 'none'}")
    return ids[study]


def _trials(storage: sqlite3.Connection, study: int) -> list[dict]:
    """The trials of a study in their order, values by name."""
    rows: dict[int, dict] = {}
    for trial, number, state, duration in storage.execute(TRIALS, (study,)):
        rows[trial] = {"number": number, "state": state, "duration": duration}
    several = storage.execute("SELECT COUNT(*) FROM study_directions WHERE study_id = ?", (study,)).fetchone()[0] > 1
    for trial, objective, value, kind in _parts(storage, study, "trial_values", "objective, value, value_type"):
        rows[trial][f"values_{objective}" if several else "value"] = INFINITE.get(kind, value)
    for trial, name, value, text in _parts(
        storage, study, "trial_params", "param_name, param_value, distribution_json"
    ):
        choices = json.loads(text)["attributes"].get("choices")  # of which the storage holds the number
        rows[trial][f"params_{name}"] = value if choices is None else dict(enumerate(choices))[int(value)]
    for trial, name, text in _parts(storage, study, "trial_user_attributes", "key, value_json"):
        rows[trial][f"user_attrs_{name}"] = json.loads(text)
    return list(rows.values())


def _parts(storage: sqlite3.Connection, study: int, table: str, columns: str) -> sqlite3.Cursor:
    """What a table of the storage holds of the trials of a study."""
    return storage.execute(PARTS.format(table=table, columns=columns), (study,))


IMPORTER = read
