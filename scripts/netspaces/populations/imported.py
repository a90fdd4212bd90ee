"""Populations of other people: their files -> the table that the workflow makes of its own runs."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from netspaces.populations.imported_jobs import ImportFileError
from netspaces.populations.importers import IMPORTERS
from netspaces.populations.table import IDENTITY, MISSING, RESULTS


def read_population(name: str, declared: Mapping) -> pd.DataFrame:
    """The table of an imported population; `declared` holds format, file and, for csv, columns. Raises ImportFileError.

    A row per job in the order of the file. Jobs without a result, or that ended before their last epoch, have status
    `missing` and no errors; those with a loss that is not a number are `diverged` and keep the errors they have.
    """
    rows = IMPORTERS[declared["format"]](Path(declared["file"]), declared.get("columns", {}))
    table = pd.DataFrame(rows)
    if table.empty:
        raise ImportFileError(f"{declared['file']}: holds no jobs, expected at least one")
    for column, dtype in RESULTS.items():
        table[column] = (table[column] if column in table else pd.Series(np.nan, table.index, object)).astype(dtype)
    table.loc[table["status"] == MISSING, ["error", "error_min", "error_selected"]] = np.nan
    table = table.assign(population=name, index=np.arange(len(table)))
    first = table.groupby("architecture")["index"].transform("min")
    table["duplicate_of"] = first.where(first != table["index"]).astype("Int64")
    own = [column for column in table if column not in (*IDENTITY, *RESULTS)]
    return table[["population", "index", "duplicate_of", *own, "architecture", *RESULTS]]
