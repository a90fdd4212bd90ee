"""The bad end of each population: how much of its mean the worst networks carry, and what they have in common."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from netspaces.statistics.tails import FAR, WORST, Condition, carried_by_worst, far_from, telling_condition
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present

FEWEST = 8  # runs of a population
TELLING = 0.75  # share of a tail that a condition must hold for to be said
COLUMNS = {
    "space": Column("label of the design space", "space"),
    "n": Column("networks with a run", "n", "integer"),
    "mean": Column("mean error, %", "mean", "percent"),
    "median": Column("median error, %", "median", "percent"),
    "carried": Column(
        f"share of the sum of errors that the worst {WORST:.0%} of the networks carry", "worst tenth carries", "share"
    ),
    "tail": Column(f"share of the networks that err by more than {FAR:g} times the median", "tail", "share"),
    "tail_of_space": Column(
        "share of the untrained networks of the space whose predicted error is so large", "tail of the space", "share"
    ),
    "condition": Column("the bound on one property that tells these untrained networks best", "where"),
    "recall": Column("share of them that meet it", "of the tail", "share"),
    "share": Column("share of all untrained networks that meet it", "of the space", "share"),
    "n_there": Column("networks with a run that meet it", "n there", "integer"),
    "mean_there": Column("their mean error, %", "mean there", "percent"),
    "mean_elsewhere": Column("mean error of the others, %", "mean elsewhere", "percent"),
    "population": Column("name of the population"),
}
WANTS: dict = {"*": {}}
UNTRAINED = True


def make(study: Study) -> pd.DataFrame:
    """A row per population, in order of appearance."""
    rows = [_row(study, curve) for curve in study.curves]
    note = (
        f"Errors in percent, top-1. Tail: networks that err by more than {FAR:g} times the median of their population. "
        "Of the space: untrained networks, by predicted error; where: the bound on one property that tells them from "
        f"the others (largest balanced accuracy), said where it holds for at least {TELLING:.0%} of them. A population "
        "whose tail is smaller than that of its space has missed it by luck, and its plain mean is too small."
    )
    return present(pd.DataFrame(rows), study.title, note, COLUMNS)


def _row(study: Study, curve: Curve) -> Row:
    errors = curve.errors
    row: Row = {"space": curve.label, "population": curve.population, "n": len(errors)}
    if len(errors) < FEWEST:
        return row
    middle = float(np.median(errors))
    row |= {"mean": float(errors.mean()), "median": middle, "carried": carried_by_worst(errors)}
    row |= {"tail": float(far_from(errors, middle).mean())}
    predicted = study.regression.predicted.get(curve.population)
    if predicted is None:
        return row
    tail = far_from(predicted.untrained, middle)
    row |= {"tail_of_space": float(tail.mean())}
    condition = telling_condition(tail, _properties(study.untrained[curve.population]))
    if condition is None or condition.recall < TELLING:
        return row
    return row | _told(condition, curve)


def _told(condition: Condition, curve: Curve) -> Row:
    """What a condition says of the trained networks."""
    there = condition.holds(curve.table[condition.name].to_numpy(float))
    row: Row = {"condition": str(condition), "recall": condition.recall, "share": condition.share}
    row |= {"n_there": int(there.sum())}
    for name, which in (("mean_there", there), ("mean_elsewhere", ~there)):
        row[name] = float(curve.errors[which].mean()) if which.any() else np.nan
    return row


def _properties(untrained: pd.DataFrame) -> Mapping[str, np.ndarray]:
    """Numbers that describe a network, the depth first, without what sampling adds."""
    names = [name for name in untrained.select_dtypes("number") if name not in ("index", "draws")]
    names.sort(key=lambda name: name != "depth")
    return {name: untrained[name].to_numpy(float) for name in names if untrained[name].notna().all()}
