"""The populations that are drawn in two phases: their means and distributions, and what that was worth.

Other figures and tables take each network as one of equals, and cannot name these populations.
"""

import numpy as np
import pandas as pd

from netspaces.studies.study import Curve, Row, Study
from netspaces.studies.two_phase import NONE, check_all_two_phase, population_of, sizes_of
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


def make(study: Study) -> pd.DataFrame:
    """A row per population, in order of appearance; without an estimate where a stratum has fewer than two runs."""
    note = (
        f"Errors in percent, top-1; intervals of {100 * study.level:g} %. Free draws of each space were cut into "
        "strata by predicted error, and some of each stratum trained; each counts as the networks that it stands for "
        "(Horvitz-Thompson), so that estimates are right whatever the predictions. Simple: the standard error of as "
        "many networks that are drawn at random; n simple: so many of those would be as sure. The networks of the "
        "pilot, from which errors are predicted, are not among these."
    )
    check_all_two_phase(study)
    rows = [_row(study, curve) for curve in study.curves]
    return present(pd.DataFrame(rows), study.title, note if rows else NONE, COLUMNS)


def _row(study: Study, curve: Curve) -> Row:
    counts, free = sizes_of(curve)
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
