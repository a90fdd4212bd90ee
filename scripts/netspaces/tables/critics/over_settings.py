"""Does an order hold in general? The steps of one order in several settings, and one answer from all of them.

Each panel is a setting, and has as many curves as the others, in the order that is asked about: from the space that
should be worst to the one that should be best. Whether a step holds in a single setting few networks cannot tell; all
settings together say how large it is on average, and what to expect of a setting that nobody has tried.
"""

import math

import pandas as pd

from netspaces.statistics.intervals import satterthwaite, t_reach
from netspaces.statistics.pooling import FEWEST, pooled
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present

ON_AVERAGE, ELSEWHERE = "mean of all settings", "another setting"
COLUMNS = {
    "worse": Column("label of the design space that should be worse", "worse"),
    "better": Column("label of the one that should be better", "better"),
    "setting": Column(
        f"panel of the study; `{ON_AVERAGE}`: the random-effects mean; `{ELSEWHERE}`: the same estimate, with the "
        "limits within which the difference in a setting like these lies",
        "setting",
    ),
    "n": Column("networks of both with a run, in words; of all settings, their number", "n"),
    "difference": Column("mean error of the worse minus that of the better, percentage points", "difference", "share"),
    "low": Column("lower end of its interval: Welch's, or as `setting` says", "low", "share"),
    "high": Column("upper end of that interval", "high", "share"),
    "between": Column("standard deviation of the true differences between settings, percentage points", "", "share"),
    "positive": Column("settings in which the difference is above 0"),
    "settings": Column("settings with at least two runs of both"),
    "level": Column("confidence of the intervals, each for itself"),
    "resamples": Column("resamples of another setting"),
    "seed": Column("seed of the resamples"),
}
WANTS: dict = {"*": {"at_least": 2}}


def make(study: Study) -> pd.DataFrame:
    """For each step of the order a row per setting, then its mean and what to expect of another setting.

    Raises ValueError if a panel has other curves than the first by number.
    """
    panels = list(study.panels.values())
    for panel, curves in study.panels.items():
        if len(curves) != len(panels[0]):
            raise ValueError(
                f"studies.yaml: {study.name}.panels.{panel}: got {len(curves)} curves, expected {len(panels[0])} as in "
                "the first panel, in the same order"
            )
    rows = [row for step in range(len(panels[0]) - 1) for row in _step(study, step)]
    note = (
        f"Errors in percent, top-1. Intervals: {100 * study.level:g} %, each for itself, Welch's in a setting. Over "
        "settings: random effects (variance between settings by Paule and Mandel, interval of the mean by Hartung and "
        f"Knapp, that of another setting by Nagashima; {study.resamples:,} resamples, seed {study.seed}); none of "
        f"fewer than {FEWEST} settings."
    )
    return present(pd.DataFrame(rows), study.title, note, COLUMNS)


def _step(study: Study, step: int) -> list[Row]:
    """The rows of one step, between two neighbours of the order."""
    rows: list[Row] = []
    estimates, errors = [], []
    for panel, curves in study.panels.items():
        worse, better = curves[step : step + 2]
        row: Row = {"worse": worse.label, "better": better.label, "setting": panel.replace("_", " ")}
        row |= {"n": f"{worse.count_text}, {better.count_text}", "level": study.level}
        if min(len(worse.table), len(better.table)) > 1:
            difference, variances, freedom = _difference(worse, better)
            reach = t_reach(*satterthwaite(variances, freedom), study.level) if any(variances) else 0.0
            row |= {"difference": difference, "low": difference - reach, "high": difference + reach}
            if any(variances):
                estimates.append(difference)
                errors.append(math.sqrt(sum(variances)))
        rows.append(row)
    if len(estimates) < FEWEST:
        return rows
    together = pooled(estimates, errors, study.resampling)
    shared: Row = {"worse": rows[0]["worse"], "better": rows[0]["better"], "n": f"{together.settings} settings"}
    shared |= {"between": together.between, "positive": together.positive, "settings": together.settings}
    shared |= study.resampling.columns()
    for name, interval in ((ON_AVERAGE, together.mean), (ELSEWHERE, together.another)):
        limits = {"difference": interval.estimate, "low": interval.low, "high": interval.high}
        rows.append(shared | {"setting": name} | limits)
    return rows


def _difference(worse: Curve, better: Curve) -> tuple[float, list[float], list[int]]:
    """The difference of mean errors, the variances of both means, and their degrees of freedom."""
    curves = (worse, better)
    variances = [float(curve.errors.var(ddof=1)) / len(curve.table) for curve in curves]
    return float(worse.errors.mean() - better.errors.mean()), variances, [len(curve.table) - 1 for curve in curves]
