"""Studies of the paper's own models, with the published numbers, and with results of this preset that are invented."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from netspaces.populations.finals import finals_table, select_best
from netspaces.studies.study import Curve, Study

from helpers.invented import curve

PUBLISHED = Path(__file__).parents[2] / "config" / "published"
REGIMES = [f"sweep_{i}" for i in range(1, 8)]
TOP = {"fig15_top_regnetx": "RegNetX", "fig16_top_regnety": "RegNetY"}


def printed(*names: str) -> pd.DataFrame:
    """Files of published numbers, as a study has them."""
    return pd.concat([pd.read_csv(PUBLISHED / name) for name in names], ignore_index=True)


def sweeps(space: str, n: int = 12) -> list[Curve]:
    """A population per regime: networks of one tiny space, every regime other ones."""
    whole = curve(space)
    parts = [whole.table.iloc[i : i + n].reset_index(drop=True) for i in range(len(REGIMES))]
    return [
        replace(whole, label=regime, population=f"{space}-{regime}-medium", table=part, planned=n, regime=regime)
        for regime, part in zip(REGIMES, parts, strict=True)
    ]


def final_of(shown: Curve, repetitions: int = 5, level: float = 0.95) -> pd.DataFrame:
    """The row of a population's best network after invented final trainings."""
    selected = select_best(shown.table.assign(population=shown.population), shown.error)
    record = {"architecture": selected["architecture"], "status": "finished", "seconds": 2.0}
    errors = {str(i): selected["selection_error"] + 0.1 + 0.05 * i for i in range(repetitions)}
    return finals_table(selected, {i: record | {shown.error: error, "key": i} for i, error in errors.items()}, level)


def top_models(name: str, n: int = 12, repetitions: int = 5) -> Study:
    """Figure 15 or 16: published models, and selected ones if there are runs and repetitions."""
    curves = sweeps(TOP[name], n)
    done = repetitions if n else 0
    inputs = {c.population: final_of(c, done) for c in curves} if done else {}
    return Study(name, name, {"selected": curves}, inputs=inputs, published=printed("models.csv"))
