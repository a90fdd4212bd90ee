"""Networks of several populations as one table, a row per run that is there, and their error after each epoch."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from netspaces.networks.architecture import PER_STAGE, SINGULAR, WHOLE
from netspaces.populations.account import account
from netspaces.populations.columns import NOTES
from netspaces.statistics.edf import edf
from netspaces.studies.study import runs_of
from netspaces.training.records import RecordError, read_record

DECIMALS = 2  # of errors after each epoch, which are only drawn


def joined(tables: Mapping[str, pd.DataFrame], error: str) -> pd.DataFrame:
    """The runs of some populations, by name, as one table, with `error` the column of that name.

    A column that a population lacks is empty in its rows. Raises ValueError if runs have no such error.
    """
    parts = [runs_of(name, table, error).assign(error=lambda runs: runs[error]) for name, table in tables.items()]
    filled = [part.dropna(axis="columns", how="all") for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({"population": [], "error": []})
    table = pd.concat(filled, ignore_index=True)
    first = [name for part in parts for name in part]
    return table[[name for name in dict.fromkeys(first) if name in table]]


def summary(name: str, table: pd.DataFrame, planned: int, error: str, level: float) -> dict:
    """What a population rests on: runs, planned and diverged ones, and of its errors minimum, mean and the band."""
    runs = runs_of(name, table, error)
    diverged = int((runs["status"] == "diverged").sum())
    said = {"name": name, "n": len(runs), "planned": planned, "diverged": diverged}
    said["origin"] = account(table) if set(NOTES) <= set(table) else ""
    if len(runs):
        distribution = edf(runs[error].to_numpy(float), level)
        said |= {"minimum": distribution.minimum, "mean": distribution.mean, "half_width": distribution.half_width}
    return said


def structure_columns(table: pd.DataFrame) -> dict:
    """The columns of architectures in a table: `whole`, and `per_stage`, by name of what each stage has a value of.

    Empty if some are missing, as in a table of other people: then no network can be built from it.
    """
    stages = sum(1 for name in table if str(name).removeprefix("depth_").isdigit())
    per_stage = {name: [f"{SINGULAR[name]}_{stage + 1}" for stage in range(stages)] for name in PER_STAGE}
    needed = {*WHOLE, *(column for own in per_stage.values() for column in own)}
    return {"whole": list(WHOLE), "per_stage": per_stage} if stages and needed <= set(table) else {}


def errors_by_epoch(keys: Iterable[object], store: str | Path | None) -> list[list[float] | None]:
    """The error on the test images after each epoch (%), of runs by key; None where there is no record of them.

    Damaged records are left out and named in the log.
    """
    errors = cache(_errors)  # populations share runs
    return [errors(Path(store) / f"{key}.json") if store and isinstance(key, str) else None for key in keys]


def _errors(path: Path) -> list[float] | None:
    try:
        record = read_record(path)
    except FileNotFoundError:
        return None
    except RecordError as error:
        print(f"left out: {error}")
        return None
    return np.round([epoch["test_error"] for epoch in record["epochs"]], DECIMALS).tolist()
