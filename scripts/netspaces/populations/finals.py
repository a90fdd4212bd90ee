"""Top models: the best network of a population, trained again some times with the recipe `final` (paper section 5).

The error by which a network was selected is optimistic, since it is the smallest of many; the repetitions, with other
seeds, are not selected, and their mean says how good the network is.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from netspaces.files.safe import read_json
from netspaces.networks.architecture import Architecture, Architectures, architecture_key
from netspaces.networks.metrics import METRICS
from netspaces.populations.table import check_population
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.family import recorded_parameters
from netspaces.training.records import DIVERGED, RecordError, check_against_store, check_record
from netspaces.training.weights import weights_path

SELECTED = ["population", "n", "index", "error", "selection_error", "parameters"]
SELECTED += ["recipe", "architecture", "complexity"]


def select_best(table: pd.DataFrame, error: str, sampled: Iterable[str] = ()) -> dict:
    """The network of a population table with the smallest `error`, the first of several, as plain JSON values.

    Beside its structure stand the parameters that its family records. `sampled` names the values of recipes that the
    design space samples too; they stay with the network. Raises ValueError if no run of the population has that error.
    """
    name = str(table["population"].iloc[0])
    present = table[table[error].notna()]
    if present.empty:
        raise ValueError(f"{name}: no run has an {error}, expected at least one to select the best network")
    row = present.loc[present[error].idxmin()]
    return {
        "population": name,
        "n": len(present),
        "index": int(row["index"]),
        "error": error,
        "selection_error": float(row[error]),
        "parameters": {key: float(row[key]) for key in recorded_parameters(FAMILIES.values()) if key in row},
        "recipe": {name: float(row[name]) for name in sampled},
        "architecture": Architectures.from_columns(present.loc[[row.name]]).row(0).to_dict(),
        "complexity": {metric: int(row[metric]) for metric in METRICS},
    }


def mean_interval(values: Iterable[float], level: float) -> tuple[float, float]:
    """Student's t interval of the mean of independent errors in percent, within 0 to 100; NaN for fewer than two."""
    errors = np.asarray(list(values), float)
    if len(errors) < 2:
        return np.nan, np.nan
    if np.ptp(errors) == 0:
        return float(errors[0]), float(errors[0])
    low, high = np.clip(stats.ttest_1samp(errors, 0).confidence_interval(level), 0, 100)
    return float(low), float(high)


def finals_table(
    selected: Mapping, records: Mapping[str | Path, Mapping], level: float, weights: Sequence[str] = ()
) -> pd.DataFrame:
    """One row: a selected network, how it was selected, and its errors over the repetitions of its final training.

    `records` holds the run record of each repetition, `weights` names the file of its weights ("" for none); errors are
    those of `check_repetitions`.
    """
    check_repetitions(selected, records)
    architecture = Architecture.from_dict(selected["architecture"])
    errors = np.array([record[selected["error"]] for record in records.values()], float)
    low, high = mean_interval(errors, level)
    row = {name: selected[name] for name in ("population", "n", "index", "error", "selection_error")}
    row |= {
        "repetitions": len(errors),
        "diverged": sum(record["status"] == DIVERGED for record in records.values()),
        "errors": ";".join(f"{error:.10g}" for error in errors),
        "mean": errors.mean(),
        "std": errors.std(ddof=1) if len(errors) > 1 else np.nan,
        "low": low,
        "high": high,
        "level": level,
        "seconds": float(np.mean([record["seconds"] for record in records.values()])),
        "weights": ";".join(weights) if any(weights) else "",
        "architecture": architecture_key(architecture),
    }
    row |= {name: values[0] for name, values in Architectures.from_rows([architecture]).columns().items()}
    return pd.DataFrame([row | dict(selected["parameters"]) | dict(selected["complexity"])])


def check_repetitions(selected: Mapping, records: Mapping[str | Path, Mapping]) -> None:
    """Raise RecordError for a repetition of another network than the one selected, or that is there twice.

    `records` holds the run record of each repetition by its file.
    """
    key = architecture_key(Architecture.from_dict(selected["architecture"]))
    files: dict[str, str | Path] = {}
    for file, record in records.items():
        if architecture_key(Architecture.from_dict(record["architecture"])) != key:
            raise RecordError(file, "it is of another network than the one selected", "remove it and run again")
        if record["key"] in files:
            raise RecordError(file, f"it is the same run as {files[record['key']]}", "remove both and run again")
        files[record["key"]] = file


def kept_weights(records: Iterable[Mapping], store: str | Path) -> list[str]:
    """The file of each run's weights, as a path from the folder of results, "" if none were kept."""
    paths = [weights_path(store, record["key"]) for record in records]
    return [f"{path.parent.name}/{path.name}" if path.exists() else "" for path in paths]


def read_selected(path: str | Path) -> dict:
    """What `select_best` says of the population after which the file is named; raises DamagedFile."""
    selected = read_json(path, "the selected network of a population", SELECTED)
    check_population(path, [selected["population"]])
    return selected


def read_final(path: str | Path, store: str | Path) -> dict:
    """The run record of one repetition; raises DamagedFile if the file is damaged, or says else than the store."""
    record = check_record(read_json(path, "a run record"), path)
    check_against_store(record, store, path)
    return record
