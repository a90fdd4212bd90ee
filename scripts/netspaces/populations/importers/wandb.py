"""Runs of Weights & Biases as CSV: `State` and `Runtime` (or `_runtime`) are known, `columns` names the rest."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from netspaces.populations.imported_csv import read_cells
from netspaces.populations.imported_tables import Said, population_table, with_known_columns

KNOWN = {"status": ("State",), "seconds": ("Runtime", "_runtime")}


def read(path: Path, columns: Mapping[str, str], **said: Any) -> pd.DataFrame:
    """A row per run; raises ImportFileError."""
    cells = read_cells(path)
    return population_table(path, cells, with_known_columns(cells, columns, KNOWN), Said(**said))


IMPORTER = read
