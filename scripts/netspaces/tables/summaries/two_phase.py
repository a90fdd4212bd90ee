"""The populations that are drawn in two phases: their means and distributions, and what that was worth.

It is the only table that weighs networks: others take each as one of equals, and cannot name these populations.
"""

import numpy as np
import pandas as pd

from netspaces.populations.strata import STRATA, is_two_phase
from netspaces.statistics.two_phase import LEAST, TwoPhase
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present

QUANTILES = (10, 25, 50, 75, 90)  # percent of the design space
COLUMNS = {
    "space": Column("label of the design space", "space"),
    "n": Column("networks with a run", "n", "integer"),
    "strata": Column("by stratum, in the order of predicted errors, trained networks of how many free draws", "strata"),
    "mean": Column("mean error of the design space, %", "mean", "share"),
    "low": Column("lower end of its interval, %", "low", "share"),
    "high": Column("upper end of its interval, %", "high", "share"),
    "error": Column("standard error of the mean, percentage points", "error", "share"),
    "simple_error": Column(
        "standard error of the mean of as many networks of simple sampling, percentage points", "simple", "share"
    ),
    "n_simple": Column("networks of simple sampling whose mean would be as sure", "n simple", "integer"),
    "gain": Column("that number divided by `n`", "gain", "number"),
    "deviation": Column("standard deviation of errors in the design space, percentage points", "sd", "percent"),
    **{
        name: column
        for share in QUANTILES
        for name, column in {
            f"quantile_{share}": Column(
                f"error that {share} % of the design space do not pass, %", f"{share} %", "percent"
            ),
            f"quantile_{share}_low": Column("lower end of its interval, %; empty where networks do not reach so far"),
            f"quantile_{share}_high": Column("upper end of its interval, %; empty where networks do not reach so far"),
        }.items()
    },
    "free": Column("free draws of the first phase"),
    "level": Column("confidence of the intervals"),
    "population": Column("name of the population"),
}
WANTS: dict = {"populations": {"at_least": 0}}
NONE = "No population is drawn in two phases; `make two_phase POPULATIONS=NAME NETWORKS=72` draws one."


def make(study: Study) -> pd.DataFrame:
    """A row per population, in order of appearance; without an estimate where a stratum has fewer than two runs."""
    note = (
        f"Errors in percent, top-1; intervals of {100 * study.level:g} %. Free draws of each space were cut into "
        "strata by predicted error, and some of each stratum trained; each counts as the networks that it stands for "
        "(Horvitz-Thompson), so that estimates are right whatever the predictions. Simple: the standard error of as "
        "many networks that are drawn at random; n simple: so many of those would be as sure. The networks of the "
        "pilot, from which errors are predicted, are not among these."
    )
    if others := [curve.population for curve in study.curves if not is_two_phase(curve.table)]:
        raise ValueError(f"{study.name}: {others[0]} is not drawn in two phases, expected populations that are")
    rows = [_row(study, curve) for curve in study.curves]
    return present(pd.DataFrame(rows), study.title, note if rows else NONE, COLUMNS)


def population_of(curve: Curve) -> TwoPhase | None:
    """The population in two phases of a curve; None where a stratum has fewer than two runs, or there is no run."""
    table = curve.table
    by_stratum = table.drop_duplicates("stratum").sort_values("stratum")
    shares, (counts, free) = by_stratum["stratum_share"].to_numpy(float), _sizes(curve)
    if not counts or min(counts) < LEAST or abs(shares.sum() - 1) > 1e-9:
        return None
    return TwoPhase.of(curve.errors, table["stratum"].rank(method="dense").to_numpy(int) - 1, shares, sum(free))


def _sizes(curve: Curve) -> tuple[list[int], list[int]]:
    """Trained networks and free draws of each stratum that has a run, in their order."""
    groups = [rows for _, rows in curve.table[list(STRATA)].groupby("stratum", sort=True)]
    free = [round(float(rows["stratum_share"].iloc[0] * _draws(rows))) for rows in groups]
    return [len(rows) for rows in groups], free


def _draws(rows: pd.DataFrame) -> float:
    """How many free draws there were in all: a network stands for 1 / probability of them, and weighs their share."""
    return float(1 / (rows["probability"] * rows["weight"]).iloc[0])


def _row(study: Study, curve: Curve) -> Row:
    counts, free = _sizes(curve)
    row: Row = {"space": curve.label, "population": curve.population, "n": len(curve.table), "level": study.level}
    row["strata"] = ", ".join(f"{n} of {all_of}" for n, all_of in zip(counts, free, strict=True))
    population = population_of(curve)
    if population is None:
        return row
    mean = population.interval(study.level)
    row |= {"mean": mean.estimate, "low": mean.low, "high": mean.high, "error": population.error}
    row |= {"simple_error": population.simple_error, "deviation": population.deviation, "free": population.free}
    if np.isfinite(population.n_simple):
        row |= {"n_simple": population.n_simple, "gain": population.n_simple / population.n}
    for share in QUANTILES:
        found = population.quantile(share / 100, study.level)
        row |= {f"quantile_{share}": found.estimate, f"quantile_{share}_low": found.low}
        row |= {f"quantile_{share}_high": found.high}
    return row
