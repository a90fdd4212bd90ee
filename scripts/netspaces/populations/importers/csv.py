"""Any table with a column of errors or accuracies; of error and error_min, one may stand for both."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from netspaces.populations.imported_csv import read_cells
from netspaces.populations.imported_tables import Said, population_table


def read(path: Path, columns: Mapping[str, str], *, separator: str | None = None, **said: Any) -> pd.DataFrame:
    """A row per row of the file; `columns` maps our names to theirs, `said` is for `Said`. Raises ImportFileError."""
    return population_table(path, read_cells(path, separator), columns, Said(**said))


IMPORTER = read
