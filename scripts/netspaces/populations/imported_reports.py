"""Trials that report after every epoch -> a row per trial, with its last report and the best error of all."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from netspaces.populations.imported_cells import is_empty, number
from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.imported_tables import (
    Said,
    as_cells,
    metric_of,
    population_table,
    text_of,
    with_known_columns,
)


@dataclass(frozen=True)
class Reports:
    """What a trial was given, by name, and what it reported, in the order of its file."""

    given: Mapping[str, object]
    reports: list[dict]


def reported_table(
    path: Path,
    trials: Mapping[str, Reports],
    columns: Mapping[str, str],
    known: Mapping[str, tuple[str, ...]],
    said: Said,
) -> pd.DataFrame:
    """The population of some trials. Of an epoch that was reported twice, the last report counts.

    Epochs that count from 0 and never reach `said.epochs` are read as counting from 1, which is said; with a report of
    that epoch, epoch 0 is a test before the training.

    `columns` names the error under `error` or `error_min`; both are made of it. `said.epochs` is needed, because files
    of reports do not say which trial was stopped. Raises ImportFileError.
    """
    if said.epochs is None:
        raise ImportFileError(
            f"{path}: expected epochs: those of a whole training; trials that end earlier are missing"
        )
    measured = columns.get("error") or columns.get("error_min")
    if measured is None:
        raise ImportFileError(f"{path}: expected the name of the error or accuracy: error, under columns")
    metric = metric_of(path, "error", measured, said.metric)
    names = {name for trial in trials.values() for report in trial.reports for name in report}
    epoch = with_known_columns(names, columns, known).get("epochs")
    if epoch is None or not {epoch, measured} <= names:
        raise ImportFileError(
            f"{path}: no reports with {measured!r} and {epoch or known['epochs'][0]!r}, as columns say"
        )
    best = f"best {measured}"
    by_epoch = {name: _by_epoch(path, name, trial, epoch) for name, trial in trials.items()}
    reached = [at for reports in by_epoch.values() for at in reports]
    if min(reached) == 0 and max(reached) < said.epochs:
        print(f"{path}: {epoch} counts from 0 to {max(reached):g}, read as 1 to {max(reached) + 1:g}")
        by_epoch = {
            name: {at + 1: {**report, epoch: f"{at + 1:g}"} for at, report in reports.items()}
            for name, reports in by_epoch.items()
        }
    rows = [
        dict(trial.given) | _last_and_best(path, name, by_epoch[name], epoch, measured, metric)
        for name, trial in trials.items()
    ]
    own = {name: theirs for name, theirs in columns.items() if name not in ("error", "error_min")}
    cells = as_cells([{best: None, **row} for row in rows])
    own = with_known_columns(cells, {"error": measured, "error_min": best, **own}, known)
    return population_table(path, cells, own, said)


def _by_epoch(path: Path, name: str, trial: Reports, epoch: str) -> dict[float, dict]:
    """A trial's reports by their epoch, the last one of each."""
    by_epoch: dict[float, dict] = {}
    for report in trial.reports:
        at = number(text_of(report.get(epoch)))
        if at is None or not math.isfinite(at):
            raise ImportFileError(f"{path}: trial {name}: {epoch} is {report.get(epoch)!r}, expected a number")
        by_epoch[at] = report
    return by_epoch


def _last_and_best(
    path: Path, name: str, by_epoch: Mapping[float, dict], epoch: str, measured: str, metric: str
) -> dict:
    """A trial's last report, and the best value of what is measured."""
    values = [_measure(path, name, report.get(measured), measured) for report in by_epoch.values()]
    known = [value for value in values if value is not None]
    odd = [value for value in known if not math.isfinite(value)]  # diverged, whatever was reported later
    best = {f"best {measured}": odd[0] if odd else (max if metric == "accuracy" else min)(known)} if known else {}
    return (by_epoch[max(by_epoch)] if by_epoch else {epoch: 0}) | best


def _measure(path: Path, name: str, value: object, measured: str) -> float | None:
    """What a report says of the error or accuracy, None if nothing."""
    text = text_of(value)
    if (found := number(text)) is None and not is_empty(text):
        raise ImportFileError(f"{path}: trial {name}: {measured} is {value!r}, expected a number")
    return found
