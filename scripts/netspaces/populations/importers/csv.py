"""Any table with a column of errors; of error and error_min, one may stand for both."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from netspaces.populations.imported_jobs import ImportFileError, identity
from netspaces.populations.table import IDENTITY, MISSING, RESULTS
from netspaces.training.records import DIVERGED, FINISHED


def read(path: Path, columns: Mapping[str, str]) -> list[dict]:
    """A row per row of the file; `columns` maps our names to theirs. Raises ImportFileError."""
    table = _renamed(path, columns)
    errors = [name for name in ("error_min", "error") if name in table]
    if not errors:
        raise ImportFileError(f"{path}: no column error_min or error, expected one, or a name for it under columns")
    for name in errors:
        table[name] = _percent(path, table[name])
    table["error"], table["error_min"] = table[errors[-1]], table[errors[0]]
    structure = [name for name in table if name not in RESULTS and name not in IDENTITY]
    described = table[structure].astype(str).agg("|".join, axis=1) if structure else table.index.astype(str)
    table["architecture"] = [identity(text) for text in described]
    table["key"] = table.get("key", table["architecture"])
    status = table.get("status", pd.Series(None, table.index, object)).fillna(FINISHED)
    if unknown := set(status) - {FINISHED, DIVERGED, MISSING}:
        raise ImportFileError(f"{path}: status is {min(unknown)!r}, expected {FINISHED}, {DIVERGED} or {MISSING}")
    table["status"] = status.where(table["error_min"].notna(), MISSING)
    return table.to_dict("records")


def _renamed(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """The table with our names of columns."""
    try:
        table = pd.read_csv(path, float_precision="round_trip")
    except (ValueError, UnicodeDecodeError) as error:
        raise ImportFileError(f"{path}: not CSV ({error})") from None
    for ours, theirs in columns.items():
        if theirs not in table:
            raise ImportFileError(f"{path}: no column {theirs!r} for {ours}, expected of {', '.join(table)}")
    return table.rename(columns={theirs: ours for ours, theirs in columns.items()})


def _percent(path: Path, column: pd.Series) -> pd.Series:
    """A column of errors as numbers; empty cells stay empty."""
    values = pd.to_numeric(column, errors="coerce")
    wrong = (values.isna() & column.notna()) | (values < 0) | (values > 100)
    if wrong.any():
        row = int(wrong.argmax())
        raise ImportFileError(
            f"{path}: row {row + 1}: {column.name} is {column.iloc[row]}, expected percent from 0 to 100"
        )
    return values


IMPORTER = read
