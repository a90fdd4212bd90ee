"""How reliable is the error of one training? Some networks of each design space, trained again with other seeds.

The share of the variance that repeats is the ceiling of what structure can explain, and so of what a regression
estimate can gain.
"""

import numpy as np
import pandas as pd

from netspaces.statistics.reliability import FEWEST, reliability
from netspaces.studies.pairing import paired_errors
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present

COLUMNS = {
    "space": Column("label of the design space", "space"),
    "n": Column("networks with a run of every seed", "n", "integer"),
    "seeds": Column("trainings of each", "seeds", "integer"),
    "noise": Column(
        "standard deviation of errors between trainings of one network, percentage points", "noise", "share"
    ),
    "between": Column("standard deviation between networks without that noise, percentage points", "networks", "share"),
    "reliability": Column("share of the variance of one training that repeats", "reliability", "share"),
    "low": Column("lower end of its interval", "low", "share"),
    "high": Column("upper end of its interval", "high", "share"),
    "largest_gain": Column(
        "how many times fewer networks an estimate that knows structure could need at best; empty where all repeats",
        "largest gain",
        "percent",
    ),
    "planned": Column("networks that are to be trained again"),
    "level": Column("confidence of the interval"),
}
WANTS: dict = {"*": {"at_least": 2}}


def make(study: Study) -> pd.DataFrame:
    """A row per design space: of each panel, the curves of one label are the trainings of one space's networks."""
    rows = []
    for curves in study.panels.values():
        for label in dict.fromkeys(curve.label for curve in curves):
            rows.append(_row(study, label, [curve for curve in curves if curve.label == label]))
    note = (
        "Errors in percent, top-1. Reliability: intraclass correlation of one training, with its "
        f"{100 * study.level:g} % interval (F, exact for normal errors). "
        "No prediction of errors from structure explains a larger share."
    )
    return present(pd.DataFrame(rows), study.title, note, COLUMNS)


def _row(study: Study, label: str, curves: list[Curve]) -> Row:
    """What the trainings of one space's networks say; without numbers where there are too few."""
    errors = paired_errors(curves).dropna().to_numpy()
    planned = min(curve.planned for curve in curves)
    row: Row = {"space": label, "n": len(errors), "seeds": len(curves), "planned": planned, "level": study.level}
    if len(errors) < FEWEST or len(curves) < 2:
        return row
    found = reliability(errors, study.level)
    gain = found.largest_gain if np.isfinite(found.largest_gain) else np.nan
    row |= {"noise": found.noise, "between": found.between, "largest_gain": gain}
    return row | {"reliability": found.share.estimate, "low": found.share.low, "high": found.share.high}
