"""What two results are compared by, read from a bundle, a folder of results, a store of runs or a table of runs."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from netspaces.files.archive import unpack_archive
from netspaces.files.safe import DamagedFile, OneLineError
from netspaces.files.tables import read_csv, read_parquet
from netspaces.populations.importers.bundle import WHAT
from netspaces.populations.table import read_collected
from netspaces.training.records import read_record
from netspaces.training.run_table import WHAT as TABLE_OF_RUNS

EXPECTED = "a bundle, a folder of results, a folder of run records or a table of runs (runs.parquet)"
RUNS = "runs.parquet"
NUMBERS = ("estimate", "low", "high")  # of a table of claims
NEEDED = ("index", "architecture", "error")  # of a table of a population, with what reading it asks for


@dataclass(frozen=True)
class Opened:
    """Results, however they were passed on.

    Parameters
    ----------
    name : what to call them: the path that was given.
    runs : their run records, by key.
    populations : the tables of populations, by name; None of a store, which knows none.
    claims : by name the row of each claim, of all tables of claims.
    """

    name: str
    runs: Mapping[str, Mapping]
    populations: Mapping[str, pd.DataFrame] | None = None
    claims: Mapping[str, Mapping] = field(default_factory=dict)


def open_results(path: str | Path) -> Opened:
    """Read what there is to compare; raises OneLineError for what is none of what is expected or damaged."""
    path = Path(path)
    if path.is_dir():
        if (path / "populations").is_dir():
            return _with_something(_of_folder(str(path), path, _records(path / "runs")))
        if runs := _records(path):
            return Opened(str(path), runs)
    elif path.suffix == ".parquet" and path.is_file():
        return Opened(str(path), _table_of_runs(path))
    elif path.is_file():
        with tempfile.TemporaryDirectory(prefix="netspaces-") as temporary:
            unpack_archive(path, temporary, WHAT, lambda name: name.endswith((".parquet", ".csv")))
            return _with_something(_of_bundle(str(path), Path(temporary)))
    why = "holds nothing to compare" if path.exists() else "there is no such file"
    raise OneLineError(f"{path}: {why}, expected {EXPECTED}")


def _with_something(opened: Opened) -> Opened:
    """What was opened; two that hold nothing are not the same results."""
    if not (opened.runs or opened.populations):
        raise OneLineError(f"{opened.name}: holds neither populations nor runs, expected {EXPECTED}")
    return opened


def _of_bundle(name: str, folder: Path) -> Opened:
    table = folder / RUNS
    try:
        runs = _table_of_runs(table) if table.exists() else {}
    except DamagedFile as error:
        raise OneLineError(f"{name}: {error.path.name} is damaged ({error.why})") from None
    return _of_folder(name, folder, runs)


def _of_folder(name: str, folder: Path, runs: Mapping[str, Mapping]) -> Opened:
    try:
        populations = {file.stem: _population(file) for file in sorted(folder.glob("populations/*.parquet"))}
        claims = {claim: row for file in sorted(folder.glob("tables/*.csv")) for claim, row in _claims(file).items()}
    except DamagedFile as error:
        raise OneLineError(f"{name}: {error.path.name} is damaged ({error.why})") from None
    return Opened(name, runs, populations, claims)


def _population(file: Path) -> pd.DataFrame:
    """The table of a population; raises DamagedFile if it lacks what networks are compared by."""
    table = read_collected(file)
    if missing := [name for name in NEEDED if name not in table]:
        raise DamagedFile(file, f"it has no column {missing[0]}, by which networks are compared")
    return table


def _records(folder: Path) -> dict[str, dict]:
    return {file.stem: read_record(file) for file in sorted(folder.glob("*.json"))}


def _table_of_runs(file: Path) -> dict[str, dict]:
    table = read_parquet(file, TABLE_OF_RUNS, ["key", "text"]).dropna(subset=["key"])
    return {key: json.loads(text) for key, text in zip(table["key"], table["text"], strict=True)}


def _claims(file: Path) -> dict[str, dict]:
    """The rows of a table of claims by name; none of another table."""
    table = read_csv(file, "a table", digest_needed=False)
    if not {"name", "verdict", *NUMBERS} <= set(table):
        return {}
    for column in NUMBERS:
        if not pd.api.types.is_numeric_dtype(table[column]):
            raise DamagedFile(file, f"its column {column} holds text, expected numbers")
    return {str(row["name"]): row for row in table.to_dict("records")}
