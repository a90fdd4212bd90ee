"""Runs -> one tidy table per population: a row per sampled network, whatever became of it.

docs/data_dictionary.md names every column with its unit.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from netspaces.architecture import Architecture, architecture_key
from netspaces.records import RecordError, check_record

MISSING = "missing"


def population_table(name: str, shards: Iterable[str | Path], sampled: str | Path) -> pd.DataFrame:
    """The table of one population from its training jobs' outputs and its sampled table.

    A sampled network without a record is a row with status `missing` and no error. `duplicate_of` is the index of the
    first network of the population with the same architecture, empty for that first one. Raises RecordError for a
    damaged record, or one of an architecture that was not sampled under that index.
    """
    table = pd.read_csv(sampled)
    results = pd.DataFrame([_result(entry, path) for path in shards for entry in _entries(path)])
    if len(results):
        table = table.merge(results, on="index", how="left", validate="one_to_one")
    else:
        table[["status", "key"]] = MISSING, None
    table["status"] = table["status"].fillna(MISSING)
    wrong = table.loc[table["key"].notna() & (table["flops"] != table.get("trained_flops", table["flops"]))]
    if len(wrong):
        raise RecordError(f"{sampled}: network {wrong['index'].iloc[0]} is not the one that was trained under that index")
    table = table.drop(columns="trained_flops", errors="ignore")
    table.insert(0, "population", name)
    table.insert(2, "duplicate_of", duplicates(table))
    return table


def duplicates(table: pd.DataFrame) -> pd.Series:
    """For each row the index of the first row with the same architecture, or missing if it is that first row."""
    structure = [c for c in table if c.split("_")[0] in STRUCTURE or c in ("stem_width", "se_ratio", "group_width")]
    first = table.groupby(structure, dropna=False)["index"].transform("min")
    return first.where(first != table["index"]).astype("Int64")


STRUCTURE = ("block", "stem", "resolution", "depth", "width", "bottleneck", "group", "stride")


def _entries(path: str | Path) -> list[Mapping]:
    try:
        return json.loads(Path(path).read_text())["networks"]
    except (ValueError, KeyError, TypeError):
        raise RecordError(f"{path}: damaged, expected the records of a training job; delete the file") from None


def _result(entry: Mapping, path: str | Path) -> dict:
    record = check_record(entry["record"], path)
    return {
        "index": entry["index"],
        "status": record["status"],
        "error": record["error"],
        "error_min": record["error_min"],
        "epochs": record["recipe"]["epochs"],
        "train_loss": record["epochs"][-1]["train_loss"] if record["epochs"] else None,
        "train_error": record["epochs"][-1]["train_error"] if record["epochs"] else None,
        "seconds": record["seconds"],
        "images_per_second": record["images_per_second"],
        "peak_memory_mb": record["peak_memory_mb"],
        "device": record["device"],
        "architecture": architecture_key(Architecture.from_dict(record["architecture"])),
        "trained_flops": record["complexity"]["flops"],
        "key": record["key"],
    }
