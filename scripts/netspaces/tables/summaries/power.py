"""How many networks of each space the comparisons of this run would take: from a pilot, or from all that is there.

`snakemake power --config population_size=16` trains a pilot of 16 networks per space and says it before the run.
"""

import math

import numpy as np
import pandas as pd

from netspaces.statistics.power import POWER, networks_wanted
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present
from netspaces.tables.summaries.comparisons import Pair, families

FEWEST = 8  # runs of a space, below which its spread is a guess
COLUMNS = {
    "panel": Column("study and panel in which both populations are drawn", "panel"),
    "a": Column("label of the first design space", "a"),
    "b": Column("label of the second", "b"),
    "n": Column("networks of both with a run, in words", "n"),
    "difference": Column("mean error of a minus mean error of b, percentage points", "difference", "share"),
    "deviation_a": Column("standard deviation of errors in a, percentage points", "sd a", "percent"),
    "deviation_b": Column("standard deviation of errors in b, percentage points", "sd b", "percent"),
    "wanted": Column(
        "networks of each with which the difference, if it is the true one, is found; infinite for none",
        "wanted",
        "integer",
    ),
    "wanted_all": Column("the same for limits that hold for all pairs of the study at once", "for all", "integer"),
    "wanted_regression": Column(
        "as `wanted_all`, with the regression estimate of both means", "with regression", "integer"
    ),
    "hours": Column("core- or GPU-hours of both populations of `wanted_all` networks", "hours", "percent"),
    "hours_regression": Column("core- or GPU-hours of both populations of `wanted_regression` networks", "", "percent"),
    "population_a": Column("name of a's population"),
    "population_b": Column("name of b's population"),
    "pairs": Column("number of pairs of the study"),
    "level": Column("1 minus the error of a test"),
    "power": Column("probability with which the difference is found"),
}
WANTS: dict = {"*": {}}
UNTRAINED = True


def make(study: Study) -> pd.DataFrame:
    """A row per pair of populations that share a panel; without numbers where one has too few runs."""
    rows = [_row(study, pair, len(pairs)) for pairs in families(study).values() for pair in pairs]
    note = (
        f"Networks of each space with which Welch's test finds the observed difference with probability {POWER:g}: "
        f"at {100 * study.level:g} % for the pair alone, and for all pairs of a study at once (Bonferroni). The "
        "observed difference is itself uncertain: half of it would take four times as many. With regression: of the "
        "regression estimate, whose variance is smaller. Hours: of a core or a GPU, by the mean time of the trainings "
        f"that are there. No numbers below {FEWEST} runs."
    )
    return present(pd.DataFrame(rows), study.title, note, COLUMNS)


def _row(study: Study, pair: Pair, pairs: int) -> Row:
    panel, a, b = pair
    row: Row = {"panel": panel, "a": a.label, "b": b.label, "population_a": a.population, "population_b": b.population}
    row |= {"n": f"{a.count_text}, {b.count_text}", "pairs": pairs, "level": study.level, "power": POWER}
    if min(len(a.table), len(b.table)) < FEWEST:
        return row
    difference = float(a.errors.mean() - b.errors.mean())
    deviations = (float(a.errors.std(ddof=1)), float(b.errors.std(ddof=1)))
    each = study.resampling.simultaneous(pairs).level
    wanted = networks_wanted(difference, deviations, each)
    row |= {"difference": difference, "deviation_a": deviations[0], "deviation_b": deviations[1]}
    row |= {"wanted": networks_wanted(difference, deviations, study.level), "wanted_all": wanted}
    row |= {"hours": _hours(wanted, a, b)}
    return row | _with_regression(study, a, b, each)


def _with_regression(study: Study, a: Curve, b: Curve, level: float) -> Row:
    """What the regression estimates of both means would take; nothing where one is not predicted."""
    means = [study.regression.mean(curve.population) for curve in (a, b)]
    if any(mean is None for mean in means):
        return {}
    one, other = (mean for mean in means if mean is not None)
    shrunk = tuple(
        float(curve.errors.std(ddof=1)) * math.sqrt(len(curve.table) / mean.n_eff)
        for curve, mean in ((a, one), (b, other))
    )
    difference = one.interval(level).estimate - other.interval(level).estimate
    wanted = networks_wanted(difference, (shrunk[0], shrunk[1]), level)
    return {"wanted_regression": wanted, "hours_regression": _hours(wanted, a, b)}


def _hours(networks: float, a: Curve, b: Curve) -> float:
    """Hours of so many trainings of each population; NaN where no time is known, as of imported ones."""
    seconds = [curve.table["seconds"].mean() if "seconds" in curve.table else np.nan for curve in (a, b)]
    return float(networks * sum(seconds) / 3600)
