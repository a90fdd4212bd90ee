"""A study at hand: the populations behind one figure or table, and how its statistics are computed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from netspaces.statistics.intervals import Resampling

MEASURED = "inference_ms"  # the column of measured times that figures and claims speak of


@dataclass(frozen=True)
class Curve:
    """One population as a figure shows it: its legend name and its table, a row per run that is there.

    `regime` and `recipe` are names of the preset; `limits` the regime's interval by metric, `epochs` the recipe's.
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

    @property
    def errors(self) -> np.ndarray:
        """Top-1 errors in percent, shape (n,), of the statistic that the configuration chose."""
        return self.table[self.error].to_numpy(float)


@dataclass(frozen=True)
class Study:
    """What `draw` and `make` get: curves per panel, the statistics' settings, and what the paper printed.

    `margin` is the largest difference of errors that does not matter, in percentage points.

    `definitions` holds the resolved design spaces, `preset` the preset's name, dataset, skeleton, regimes and recipes,
    `inputs` what else the study rests on (tables from .csv and .parquet, plain values from .json), `claims` the claims
    whose populations the panels are, `published` the paper's numbers for this study (columns panel, space, min, mean
    where it compares error distributions), empty where it prints none.
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
    inputs: Mapping[str, object] = field(default_factory=dict)
    claims: Mapping[str, Mapping] = field(default_factory=dict)
    published: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["panel", "space", "min", "mean"]))

    @property
    def resampling(self) -> Resampling:
        """How the study's intervals are resampled."""
        return Resampling(self.level, self.resamples, self.seed)

    @property
    def curves(self) -> list[Curve]:
        """Every population of the study once, in order of appearance."""
        return list({curve.population: curve for curves in self.panels.values() for curve in curves}.values())


@dataclass(frozen=True)
class Drawing:
    """A figure and the table of exactly what it draws."""

    figure: Figure
    data: pd.DataFrame


def with_time(curve: Curve, inputs: Mapping[str, object]) -> pd.DataFrame:
    """A population's table with a column `time`, ms per pass in inference; empty where `inputs` has not measured it."""
    measured = inputs.get(curve.population, pd.DataFrame({"index": [], MEASURED: []}))
    taken = measured.set_index("index")[MEASURED]
    numbers = curve.table["index"] if "index" in curve.table else pd.Series(np.nan, curve.table.index)
    return curve.table.assign(time=numbers.map(taken).astype(float))


def explained(make: Callable[[Study], object], study: Study) -> object:
    """`make(study)`; a column that an imported population lacks ends in a ValueError that names both."""
    try:
        return make(study)
    except KeyError as error:
        names = error.args[0] if isinstance(error.args[0], str) else str(error)
        lacking = [c for c in study.curves if c.regime == "imported" and names not in c.table]
        if not lacking:
            raise
        where = f"{study.name}: population {lacking[0].population}"
        raise ValueError(f"{where}: no column {names}, which this kind of figure or table needs") from error


def _read(path: Path) -> object:
    """A table from .csv or .parquet, plain values from .json."""
    if path.suffix == ".json":
        return json.loads(path.read_text())
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def load_study(
    settings: Mapping,
    tables: Mapping[str, str | Path],
    published: Sequence[str | Path] = (),
    inputs: Mapping[str, str | Path] | None = None,
) -> Study:
    """A study from its settings (rule params), the population tables by name, and the paper's printed numbers.

    Only runs that are there (finished or diverged) become rows of a curve; `planned` says how many there should be.
    """
    read = {name: pd.read_parquet(path) for name, path in tables.items()}
    present = {name: table[table["error_min"].notna()].reset_index(drop=True) for name, table in read.items()}
    statistics = settings["statistics"]
    for name, table in present.items():
        if table[statistics["error"]].isna().any():
            raise ValueError(
                f"statistics: error is {statistics['error']}, but runs of {name} have none: their dataset has no "
                "validation split; expected error_min or error"
            )
    panels = {
        panel: [
            Curve(
                c["label"],
                c["space"],
                c["population"],
                present[c["population"]],
                settings["planned"].get(c["population"], len(read[c["population"]])),
                statistics["error"],
                c["regime"],
                c["recipe"],
                settings["preset"]["regimes"].get(c["regime"], {}),
                settings["preset"]["recipes"].get(c["recipe"], {}).get("epochs", 0),
            )
            for c in curves
        ]
        for panel, curves in settings["panels"].items()
    }
    printed = pd.concat([pd.read_csv(path) for path in published], ignore_index=True) if published else pd.DataFrame()
    if "study" in printed and (own := printed["study"] == settings["name"]).any():
        printed = printed[own].drop(columns="study").reset_index(drop=True)  # a summary of several studies keeps all
    return Study(
        name=settings["name"],
        title=settings["title"],
        panels=panels,
        level=statistics["level"],
        margin=statistics["margin"],
        resamples=statistics["resamples"],
        seed=statistics["seed"],
        definitions=settings["definitions"],
        preset=settings["preset"],
        inputs={name: _read(Path(path)) for name, path in (inputs or {}).items()},
        claims=settings.get("claims", {}),
        **({"published": printed} if len(printed) else {}),
    )
