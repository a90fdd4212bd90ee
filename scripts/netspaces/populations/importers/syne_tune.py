"""The `results.csv` or `results.csv.zip` of a Syne Tune experiment: a row per trial, from its reports.

The errors are those of the last report and the best one. `epochs` says how many epochs a whole training has: trials
that a scheduler stopped or paused, or that failed, ended earlier and are `missing`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from netspaces.populations.imported_csv import read_cells
from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.imported_reports import Reports, reported_table
from netspaces.populations.imported_tables import Said

KNOWN = {"epochs": ("epoch",), "seconds": ("st_worker_time", "elapsed_time")}
TRIAL = "trial_id"


def read(path: Path, columns: Mapping[str, str], **said: Any) -> pd.DataFrame:
    """A row per trial; raises ImportFileError."""
    cells = read_cells(path)
    if TRIAL not in cells:
        raise ImportFileError(f"{path}: no column {TRIAL}, expected the results of a Syne Tune experiment")
    trials: dict[str, Reports] = {}
    for row in zip(*cells.values(), strict=True):
        report = dict(zip(cells, row, strict=True))
        trials.setdefault(report[TRIAL], Reports({TRIAL: report[TRIAL]}, [])).reports.append(report)
    return reported_table(path, trials, columns, KNOWN, Said(**said))


IMPORTER = read
