"""A study at hand: the populations behind one figure or table, and how its statistics are computed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from netspaces.files.safe import read_json
from netspaces.files.tables import read_csv, read_parquet
from netspaces.populations.account import account
from netspaces.populations.columns import NOTES
from netspaces.populations.table import read_collected
from netspaces.statistics.intervals import Resampling
from netspaces.studies.wants import Shown, Wants, check_panels

if TYPE_CHECKING:
    from netspaces.studies.regression import Regression

Made = TypeVar("Made")  # a figure or a table
Row = dict[str, Any]  # a row of what a figure or a table shows, by column
MEASURED = "inference_ms"  # the column of measured times that figures and claims speak of


@dataclass(frozen=True)
class Curve:
    """One population as a figure shows it: its legend name and its table, a row per run that is there.

    `regime` and `recipe` are names of the preset; `limits` the regime's interval by metric, `epochs` the recipe's.
    `origin` says of an imported population what became of the rows of its file; of our own it is empty.
    """

    label: str
    space: str
    population: str
    table: pd.DataFrame
    planned: int
    error: str = "error_min"
    regime: str = "base"
    recipe: str = "short"
    limits: Mapping[str, Sequence[float]] = field(default_factory=dict)
    epochs: int = 0
    origin: str = ""

    @property
    def measures(self) -> str:
        """What the errors of an imported population were made of, in words; empty for our own."""
        return " or ".join(self.table["metric"].dropna().unique()) if self.origin else ""

    @property
    def errors(self) -> np.ndarray:
        """Top-1 errors in percent, shape (n,), of the statistic that the configuration chose."""
        return self.table[self.error].to_numpy(float)

    @property
    def diverged(self) -> int:
        """How many runs diverged; they count with the error of guessing."""
        return int((self.table["status"] == "diverged").sum())

    @property
    def repeat(self) -> int:
        """Which repetition of its networks the population is, from the end of its name."""
        numbered = re.search(r"-r(\d+)$", self.population)
        return int(numbered[1]) if numbered else 0

    @property
    def count_text(self) -> str:
        """How many runs are there, in words: "32", or "20 of 32" where some of the planned ones are missing."""
        return count_text(len(self.table), self.planned)


def count_text(n: int, planned: int) -> str:
    """A number of networks of how many planned ones, in words.

    >>> count_text(20, 32), count_text(32, 32)
    ('20 of 32', '32')
    """
    return f"{n}" if n == planned else f"{n} of {planned}"


@dataclass(frozen=True)
class Study:
    """What a figure or a table is made of: curves by panel, how its statistics are computed, what the paper printed.

    `margin` is the largest difference of errors that does not matter, in percentage points.

    `definitions` holds the resolved design spaces, `preset` the preset's name, dataset, skeleton, regimes and recipes,
    `inputs` what else the study rests on (tables from .csv and .parquet, plain values from .json), `claims` the claims
    whose populations the panels are, `published` the paper's numbers for this study (columns panel, space, min, mean
    where it compares error distributions), empty where it prints none.

    `untrained` holds by population the untrained networks of its design space, `covariates` what errors are predicted
    from, `predictions` the predictions (`studies.predictions`) that were made for several studies at once; None to
    predict from the study's own populations. From a share `decides_from` of variance that predictions explain on, the
    regression estimate of a mean decides; never where that is None.
    """

    name: str
    title: str
    panels: dict[str, list[Curve]] = field(default_factory=dict)
    level: float = 0.95
    margin: float = 1.0
    resamples: int = 10_000
    seed: int = 0
    definitions: Mapping[str, Mapping] = field(default_factory=dict)
    preset: Mapping = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Mapping] = field(default_factory=dict)
    untrained: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    predictions: pd.DataFrame | None = None
    covariates: Sequence[str] = ()
    decides_from: float | None = None
    published: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["panel", "space", "min", "mean"]))

    @property
    def resampling(self) -> Resampling:
        """How the study's intervals are resampled."""
        return Resampling(self.level, self.resamples, self.seed)

    @cached_property
    def regression(self) -> "Regression":
        """Predictions of the study's networks, and the estimates of means that follow from them."""
        from netspaces.studies.regression import regression_of  # which needs this module

        return regression_of(self)

    @property
    def curves(self) -> list[Curve]:
        """Every population of the study once, in order of appearance."""
        return list({curve.population: curve for curves in self.panels.values() for curve in curves}.values())

    def panel(self, name: str) -> list[Curve]:
        """The curves of a panel; raises ValueError naming study and panel if the study does not have it."""
        if not self.panels.get(name):
            raise ValueError(f"studies.yaml: {self.name}: panels: {name} is missing, the figure needs it")
        return self.panels[name]

    def pair(self, name: str) -> tuple[Curve, Curve]:
        """The two curves of a panel; raises ValueError naming study and panel if there are more or fewer."""
        curves = self.panel(name)
        if len(curves) != 2:
            raise ValueError(f"studies.yaml: {self.name}: panels: {name}: expected two curves, got {len(curves)}")
        return curves[0], curves[1]


def with_time(curve: Curve, inputs: Mapping[str, Any]) -> pd.DataFrame:
    """A population's table with a column `time`, ms per pass in inference; empty where `inputs` has not measured it."""
    times = inputs.get(curve.population)
    if not isinstance(times, pd.DataFrame):
        return curve.table.assign(time=np.nan)
    times_by_index = times.set_index("index")[MEASURED]
    indices = curve.table["index"] if "index" in curve.table else pd.Series(np.nan, curve.table.index)
    return curve.table.assign(time=indices.map(times_by_index).astype(float))


def explained(make: Callable[[Study], Made], study: Study, wants: Wants | None = None) -> Made:
    """`make(study)`, if its panels are what it `wants`.

    Raises ValueError for panels that are not, or a column that an imported population lacks, which names both.
    """
    if wants is not None:
        _check_wants(study, wants)
    try:
        return make(study)
    except KeyError as error:
        names = error.args[0] if isinstance(error.args[0], str) else str(error)
        lacking = [c for c in study.curves if c.regime == "imported" and names not in c.table]
        if not lacking:
            raise
        where = f"{study.name}: population {lacking[0].population}"
        raise ValueError(f"{where}: no column {names}, which this kind of figure or table needs") from error


def _check_wants(study: Study, wants: Wants) -> None:
    """Check the panels with the tables at hand; raises ValueError naming study and panel."""
    wanted = {column for want in wants.values() for column in want.get("columns", ())}
    panels = {
        panel: [
            Shown(
                label=curve.label,
                population=curve.population,
                networks=f"{curve.space}-{curve.regime}",
                imported=curve.regime == "imported",
                bounds_flops="flops" in curve.limits,
                epochs=curve.epochs,
                repeat=curve.repeat,
                absent=wanted.difference(curve.table),
                shared=study.definitions.get(curve.space, {}).get("shared", ()),
            )
            for curve in curves
        ]
        for panel, curves in study.panels.items()
    }
    try:
        check_panels(wants, panels, finals=True)
    except ValueError as error:
        raise ValueError(f"studies.yaml: {study.name}.{error}") from None


def load_study(
    settings: Mapping,
    tables: Mapping[str, str | Path],
    published: Sequence[str | Path] = (),
    inputs: Mapping[str, str | Path] | None = None,
    untrained: Mapping[str, str | Path] | None = None,
    predictions: str | Path = "",
) -> Study:
    """A study from its settings (rule params), the population tables by name, and the paper's printed numbers.

    `inputs` are files of what else it rests on, by name, `untrained` those of untrained networks, by population,
    `predictions` that of predicted errors, empty for none.

    Only runs that are there (finished or diverged) become rows of a curve; `planned` says how many there should be.
    Raises ValueError if the configuration chose an error that the runs do not have.
    """
    populations = {name: read_collected(path) for name, path in tables.items()}
    statistics, printed = settings["statistics"], _published(settings["name"], published)
    present = {name: runs_of(name, table, statistics["error"]) for name, table in populations.items()}
    planned = {name: len(table) for name, table in populations.items()} | dict(settings["planned"])
    origins = {name: account(table) for name, table in populations.items() if set(NOTES) <= set(table)}
    return Study(
        name=settings["name"],
        title=settings["title"],
        panels={
            panel: [_curve(entry, settings, present, planned, origins) for entry in entries]
            for panel, entries in settings["panels"].items()
        },
        level=statistics["level"],
        margin=statistics["margin"],
        resamples=statistics["resamples"],
        seed=statistics["seed"],
        definitions=settings["definitions"],
        preset=settings["preset"],
        inputs={name: _read(Path(path)) for name, path in (inputs or {}).items()},
        claims=settings.get("claims", {}),
        untrained={name: read_parquet(path, "untrained networks") for name, path in (untrained or {}).items()},
        predictions=read_parquet(predictions, "predicted errors") if predictions else None,
        covariates=tuple(statistics.get("covariates", ())),
        decides_from=statistics["decides_from"] if statistics.get("decides") == "regression" else None,
        **({"published": printed} if len(printed) else {}),
    )


def runs_of(name: str, table: pd.DataFrame, error: str) -> pd.DataFrame:
    """The rows of a population table that have a run; raises ValueError if runs have no error of the chosen kind."""
    runs = table[table["error_min"].notna()].reset_index(drop=True)
    if runs[error].isna().any():
        raise ValueError(
            f"statistics: error is {error}, but runs of {name} have none: their dataset has no "
            "validation split; expected error_min or error"
        )
    return runs


def _curve(
    entry: Mapping,
    settings: Mapping,
    present: Mapping[str, pd.DataFrame],
    planned: Mapping[str, int],
    origins: Mapping[str, str],
) -> Curve:
    """The curve that an entry of a panel names, with its runs."""
    return Curve(
        label=entry["label"],
        space=entry["space"],
        population=entry["population"],
        table=present[entry["population"]],
        planned=planned[entry["population"]],
        error=settings["statistics"]["error"],
        regime=entry["regime"],
        recipe=entry["recipe"],
        limits=settings["preset"]["regimes"].get(entry["regime"], {}),
        epochs=settings["preset"]["recipes"].get(entry["recipe"], {}).get("epochs", 0),
        origin=origins.get(entry["population"], ""),
    )


def _published(name: str, paths: Sequence[str | Path]) -> pd.DataFrame:
    """The paper's numbers in some files; of a file with a column `study` only the rows of this study, if it has any.

    A summary of several studies has no rows of its own there, and keeps those of all.
    """
    if not paths:
        return pd.DataFrame()
    printed = [read_csv(path, "the paper's numbers", digest_needed=False) for path in paths]
    rows = pd.concat(printed, ignore_index=True)
    if "study" in rows and (rows["study"] == name).any():
        rows = rows[rows["study"] == name].drop(columns="study").reset_index(drop=True)
    return rows


def _read(path: Path) -> object:
    """A table from .csv or .parquet, plain values from .json; raises DamagedFile."""
    what = "what a study rests on"
    if path.suffix == ".json":
        return read_json(path, what)
    return read_parquet(path, what) if path.suffix == ".parquet" else read_csv(path, what)
