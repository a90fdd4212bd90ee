"""Populations of other people: their files -> the table that the workflow makes of its own runs."""

import inspect
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from netspaces.populations.account import account
from netspaces.populations.columns import IDENTITY, MISSING, NOTES, RESULTS
from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.imported_tables import Said
from netspaces.populations.importers import IMPORTERS
from netspaces.populations.strata import STRATA, is_two_phase
from netspaces.training.records import DIVERGED, FINISHED

FOR_ALL = ("format", "file", "columns")  # keys that every importer is told of


def read_population(name: str, declared: Mapping) -> pd.DataFrame:
    """The table of an imported population; `declared` holds its format, its file, and what the user says of it.

    A row per job in the order of the file. Jobs without a result, or that ended before their last epoch, have status
    `missing` and no errors; those with a loss that is not a number are `diverged`. What the file came to is printed.
    Raises ImportFileError.
    """
    table = pd.DataFrame(_rows(name, declared))
    if table.empty:
        raise ImportFileError(f"{declared['file']}: holds no jobs, expected at least one")
    if is_two_phase(table):
        weighed = "networks drawn in two phases, which differ in weight, expected networks that count alike"
        raise ImportFileError(f"{declared['file']}: columns {', '.join(STRATA)}: {weighed}")
    for column, dtype in RESULTS.items():
        table[column] = (table[column] if column in table else pd.Series(np.nan, table.index, object)).astype(dtype)
    table.loc[table["status"] == MISSING, ["error", "error_min", "error_selected"]] = np.nan
    _check(declared["file"], table)
    table = table.assign(population=name, index=np.arange(len(table)))
    table = table.assign(**{name: table[name] if name in table else None for name in ("architecture", *NOTES)})
    table["reason"] = _reasons(table, declared.get("classes"))
    if "duplicate_of" not in table:  # a table of ours knows of sampled recipes too
        first = table.groupby("architecture")["index"].transform("min")
        table["duplicate_of"] = first.where(first.notna() & (first != table["index"])).astype("Int64")
    own = [column for column in table if column not in (*IDENTITY, *RESULTS, *NOTES)]
    print(f"{declared['file']}: {account(table)}")
    return table[["population", "index", "duplicate_of", *own, "architecture", *RESULTS, *NOTES]]


def _reasons(table: pd.DataFrame, classes: int | None) -> list[str | None]:
    """Why rows have no result, and of diverged ones which error they count with."""
    counted = "counted with its own error" if classes is None else "counted with the error of guessing"
    reasons = [None if pd.isna(reason) else reason for reason in table["reason"]]
    return [
        reason if status != DIVERGED or "counted with" in (reason or "") else ", ".join(filter(None, [reason, counted]))
        for reason, status in zip(reasons, table["status"], strict=True)
    ]


def _rows(name: str, declared: Mapping) -> pd.DataFrame | list[dict]:
    """What the format's importer makes of the file; raises ImportFileError for keys that the format does not have."""
    importer = IMPORTERS[declared["format"]]
    options = {key: value for key, value in declared.items() if key not in FOR_ALL}
    parameters = inspect.signature(importer).parameters.values()
    known = [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):  # tables: what `Said` holds
        known += [field.name for field in fields(Said)]
    for key in options:
        if key not in known:
            expected = f"expected {' or '.join(known) or 'none but columns'}"
            raise ImportFileError(f"imported: {name}: format {declared['format']} has no key {key!r}, {expected}")
    return importer(Path(declared["file"]), declared.get("columns", {}), **options)


def _check(file: str, table: pd.DataFrame) -> None:
    """Raise ImportFileError for what no importer may return: an unknown status, or an error that is no percentage."""
    unknown = ~table["status"].isin([FINISHED, DIVERGED, MISSING])
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        expected = f"status is {table['status'].iloc[row]!r}, expected {FINISHED}, {DIVERGED} or {MISSING}"
        raise ImportFileError(f"{file}: row {row + 1}: {expected}")
    for name in ("error", "error_min", "error_selected"):
        wrong = (table[name] < 0) | (table[name] > 100)
        if name != "error_selected":
            wrong |= table[name].isna() & (table["status"] != MISSING)
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise ImportFileError(f"{file}: row {row + 1}: {name} is {table[name].iloc[row]}, expected percent")
