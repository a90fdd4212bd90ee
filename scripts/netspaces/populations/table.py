"""Runs -> one tidy table per population: a row per sampled network, whatever became of it.

docs/reference/data_dictionary.md names every column with its unit.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from netspaces.files.safe import DamagedFile, OneLineWarning, read_json
from netspaces.files.tables import read_csv, read_parquet, write_csv, write_parquet
from netspaces.networks.architecture import WHOLE, Architecture, Architectures, architecture_key
from netspaces.populations.columns import MISSING, RESULTS
from netspaces.spaces.definition import RECIPE_PARAMETERS
from netspaces.training.records import DIVERGED, RecordError, check_against_store, check_record

REMEDY = "remove it and run again"


def population_table(name: str, shards: Iterable[str | Path], sampled: str | Path, store: str | Path) -> pd.DataFrame:
    """The table of one population from its training jobs' outputs and its sampled table.

    A sampled network without a record is a row with status `missing` and no error. `architecture` is the hash of the
    structure, `duplicate_of` the index of the first network of the population with the same structure and the same
    sampled values of the recipe, empty for that first one.
    Raises RecordError for a damaged record, one that is not that of the store, or one of a network that was not sampled
    under that index.
    """
    table = read_sampled(sampled)
    table["architecture"] = architecture_keys(table)
    expected = dict(zip(table["index"], table["architecture"], strict=True))
    runs: dict[int, Mapping] = {}
    for path in shards:
        for index, record in read_shard(path, name):
            if architecture_key(Architecture.from_dict(record["architecture"])) != expected.get(index):
                raise RecordError(path, f"network {index} is not the one sampled under that index", REMEDY)
            if index in runs:
                raise RecordError(path, f"network {index} is in another job's output too", REMEDY)
            check_against_store(record, store, path, f"network {index}: ")
            runs[index] = record
    warn_of_divergence(name, list(runs.values()))
    return with_runs(name, table, runs)


def warn_of_divergence(name: str, records: Sequence[Mapping]) -> None:
    """Say in one loud line that every run of a population diverged: a fault of data or recipe looks like that.

    A population of one finished run among diverged ones is data.
    """
    if records and all(record["status"] == DIVERGED for record in records):
        first = sum((record.get("diverged_in_epoch"), record.get("diverged_in_step")) == (1, 1) for record in records)
        message = (
            f"{name}: all {len(records)} runs diverged, {first} of them in their first step: look at the dataset's "
            "images, mean and deviation and at the learning rate before you use this population"
        )
        warnings.warn(OneLineWarning(message), stacklevel=2)


def with_runs(name: str, table: pd.DataFrame, records: Mapping[int, Mapping]) -> pd.DataFrame:
    """A sampled table, with the column `architecture`, and what the records say by index: a population's table."""
    runs = {index: _result(record) for index, record in records.items()}
    results = pd.DataFrame.from_dict(runs, orient="index", columns=list(RESULTS)).astype(RESULTS)
    sampled_values = [name for name in RECIPE_PARAMETERS if name in table]
    results = results.drop(columns=sampled_values)
    table = table.merge(results, how="left", left_on="index", right_index=True, validate="one_to_one")
    table["status"] = table["status"].fillna(MISSING)
    first = table.groupby(["architecture", *sampled_values])["index"].transform("min")
    table.insert(0, "population", name)
    table.insert(2, "duplicate_of", first.where(first != table["index"]).astype("Int64"))
    return table


def write_population(table: pd.DataFrame, parquet: str | Path, csv: str | Path) -> None:
    """Write a population's table to both of its files."""
    write_parquet(parquet, table)
    write_csv(csv, table)


def read_collected(path: str | Path) -> pd.DataFrame:
    """A population's table, the parquet file that `write_population` wrote; raises DamagedFile.

    The file is named after its population, as its rows are.
    """
    table = read_parquet(path, "the table of a population", ["population", "status", "error_min"])
    check_population(path, table["population"])
    return table


def check_population(path: str | Path, named: Iterable[object]) -> None:
    """Raise DamagedFile if a file that is named after a population names another one in its contents."""
    expected = Path(path).stem
    if others := set(named) - {expected}:
        raise DamagedFile(path, f"it is of population {min(map(str, others))}, expected {expected}")


def read_sampled(path: str | Path) -> pd.DataFrame:
    """The table of a population's sampled networks; raises DamagedFile."""
    return read_csv(path, "the sampled networks of a population", ["index", *WHOLE])


def architecture_keys(table: pd.DataFrame) -> list[str]:
    """The hash of each row's structure, from the flat columns of a sampled table."""
    architectures = Architectures.from_columns(table)
    return [architecture_key(architectures.row(i)) for i in range(len(table))]


def read_shard(path: str | Path, population: str) -> list[tuple[int, dict]]:
    """The networks of one training job's output: (index, record); raises DamagedFile if it is damaged."""
    content = read_json(path, "the records of a training job", ["population", "networks"])
    if content["population"] != population:
        raise RecordError(path, f"population is {content['population']!r}, expected {population!r}", REMEDY)
    try:
        networks = [(int(entry["index"]), entry["record"]) for entry in content["networks"]]
    except (ValueError, KeyError, TypeError):
        raise RecordError(path, "expected the records of a training job", REMEDY) from None
    return [(index, check_record(record, path, f"network {index}: ")) for index, record in networks]


def _result(record: Mapping) -> dict:
    last = record["epochs"][-1] if record["epochs"] else {}
    return {
        **{name: record[name] for name in RESULTS if name in record},
        **{name: record["recipe"].get(name) for name in ("epochs", *RECIPE_PARAMETERS)},
        "train_loss": last.get("train_loss"),
        "train_error": last.get("train_error"),
    }
