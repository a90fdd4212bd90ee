"""Fifty networks for 200 epochs or five hundred for ten? What a mean after long trainings gains from short ones.

Before a pilot for assumed correlations; after one for those of the networks that have both trainings, and for what is
free where short trainings exist: predictions from structure that are fitted to them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from netspaces.statistics.flops_fits import correlation_interval
from netspaces.statistics.intervals import Interval
from netspaces.statistics.multi_fidelity import (
    FEWEST,
    FEWEST_LONG,
    ControlledMean,
    Levels,
    best_split,
    controlled_mean,
    correlation_needed,
    pearson,
    variance_multiplier,
)
from netspaces.studies.pairing import Budgets, by_space
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import RESAMPLING, Column, present

ASSUMED = (0.5, 0.7, 0.8, 0.9, 0.95)  # correlations before a pilot
ANY, SHORT, STRUCTURE, BESIDE = "any", "short trainings", "structure", "short beside structure"
COLUMNS = {
    "space": Column("label of the design space; `any` for an assumed correlation", "space"),
    "short": Column("epochs of the short trainings", "short", "integer"),
    "long": Column("epochs of the long ones, after which the mean error is asked for", "long", "integer"),
    "control": Column(
        "what corrects the mean: errors after `short trainings`; errors predicted from `structure` by models that "
        "are fitted to short trainings and have not seen the network; or both, `short beside structure`",
        "control",
    ),
    "n": Column("networks with a long training and the control; 0 for an assumed correlation", "n", "integer"),
    "correlation": Column(
        "Pearson's, between the control and errors after long trainings; partial, given structure, beside structure",
        "r",
        "share",
    ),
    "low": Column("lower end of its interval, the wider of Fisher's and of the BCa bootstrap's", "low", "share"),
    "high": Column("upper end of its interval", "high", "share"),
    "needed": Column("correlation above which the control gains anything at equal cost", "needed", "share"),
    "cost_ratio": Column(
        "cost of a short training over that of a long one, by epochs; 0 for structure", "cost", "share"
    ),
    "verdict": Column("`gain` if the correlation, with its lower end if it has one, is above `needed`", "verdict"),
    "n_long": Column("long trainings to make within the budget", "train long", "integer"),
    "n_short": Column("short trainings to make, those of the long networks included", "train short", "integer"),
    "multiplier": Column(
        "variance of the mean over that of long trainings alone, at equal cost", "variance ×", "share"
    ),
    "multiplier_low": Column("the same if the lower end were the correlation"),
    "error": Column("expected standard error of the mean with these numbers, percentage points", "error", "share"),
    "error_alone": Column("the same of long trainings alone, percentage points", "long alone", "share"),
    "budget": Column("what all trainings may cost, in long trainings"),
    "bias": Column("mean error after short trainings minus that after long ones, percentage points", "bias", "share"),
    "mean": Column("mean error after long trainings from the runs at hand, corrected by the control, %"),
    "mean_low": Column("lower end of its interval, %"),
    "mean_high": Column("upper end of its interval, %"),
    "mean_alone": Column("mean error of the networks that were trained for long, %"),
    "others": Column("networks at hand that have the control and no long training"),
} | RESAMPLING
WANTS: dict = {"budgets": {"trained": True, "budgets": True}}
UNTRAINED = True


@dataclass(frozen=True, eq=False)
class Pilot:
    """What is known of one control in one space: arrays of networks, and the plan's budget in long trainings."""

    long: np.ndarray  # (n,) errors after long trainings
    control: np.ndarray  # (n,) of the same networks
    others: np.ndarray  # (m,) of further networks
    cost_ratio: float
    budget: int


def make(study: Study) -> pd.DataFrame:
    """A row per space, pair of budgets and control, and a row per assumed correlation and budget below the longest."""
    curves = study.panels["budgets"]
    spaces = by_space(curves)
    rows = [row for space in spaces for row in _of_space(space, curves, study)]
    rows += list(_assumed(spaces, curves))
    note = (
        "The mean error after long trainings from all of them, and a correction by a control that is known of more "
        "networks. Train long, train short: the numbers that make the mean surest at the cost of the planned long "
        "trainings; for another budget both grow with it, and errors fall with its root. No gain: the lower end of "
        "the correlation is not above the needed one, so spend all on long trainings; a larger pilot may show a gain "
        "where the upper end is. Structure: predicted from short trainings that are there already, with no new ones. "
        "Short beside structure: both at once; r and no gain are of what short trainings tell beyond structure. "
        "Bias: what short trainings alone would be off by, whatever their number. Long networks are to be drawn at "
        f"random, not chosen by short errors. Cost by epochs. Intervals at {100 * study.level:g} %, "
        f"{study.resamples:,} resamples, seed {study.seed}. No numbers below {FEWEST} networks with both trainings."
    )
    table = pd.DataFrame(rows).assign(**study.resampling.columns())
    return present(table, study.title, note, COLUMNS)


def _of_space(space: Budgets, curves: Sequence[Curve], study: Study) -> Iterator[Row]:
    """The rows of one design space."""
    first = {curve.epochs: curve for curve in curves if curve.label == space.label and curve.repeat == 0}
    for short, long in combinations(space.epochs, 2):
        row: Row = {"space": space.label, "short": short, "long": long}
        budget = first[long].planned
        both = space.errors[[(short, 0), (long, 0)]].dropna()
        errors = space.errors[(short, 0)].dropna()
        others = errors.drop(both.index).to_numpy()
        on_short, on_long = both.to_numpy().T
        row["bias"] = float((on_short - on_long).mean()) if len(both) else np.nan
        yield row | {"control": SHORT} | _known(Pilot(on_long, on_short, others, short / long, budget), study)
        structure = _known(_structure(first[short], first[long], study), study)
        yield row | {"control": STRUCTURE} | structure
        left = float(structure.get("multiplier", 1.0))
        yield row | {"control": BESIDE} | _beside(first[short], first[long], left, study)


def _structure(short: Curve, long: Curve, study: Study) -> Pilot:
    """Predictions of the long networks and of the untrained ones, from fits to short trainings; none without these."""
    predicted = study.regression.predicted.get(short.population)
    if predicted is None:
        return Pilot(np.empty(0), np.empty(0), np.empty(0), 0.0, long.planned)
    place = pd.Series(np.arange(len(short.table)), index=short.table["index"])
    errors = pd.Series(long.errors, index=long.table["index"])
    errors = errors[errors.index.isin(place.index)]
    rows = place[errors.index].to_numpy()
    own = replace(predicted, errors=errors.to_numpy(), fitted=predicted.fitted[rows], folds=predicted.folds[rows])
    others = own.untrained if own.n else np.empty(0)
    return Pilot(own.errors, own.fitted, others, 0.0, long.planned)


def _known(pilot: Pilot, study: Study) -> Row:
    """What a pilot says of a control; without numbers where it has too few networks."""
    row: Row = {"n": len(pilot.long), "cost_ratio": pilot.cost_ratio, "budget": pilot.budget}
    row |= {"needed": correlation_needed(pilot.cost_ratio), "others": len(pilot.others)}
    if len(pilot.long) < FEWEST:
        return row
    correlation = _correlation(pilot.control, pilot.long, study)
    row |= _plan(correlation, pilot.cost_ratio, pilot.budget, float(pilot.long.std(ddof=1)))
    return row | _mean(controlled_mean(pilot.long, pilot.control, pilot.others), pilot.long, study)


def _correlation(control: np.ndarray, long: np.ndarray, study: Study) -> Interval:
    """Pearson's, within the wider of Fisher's interval and the bootstrap's."""
    resampled = correlation_interval(control, long, resampling=study.resampling)
    return pearson(control, long, study.level).widened(resampled.low, resampled.high)


def _mean(of: ControlledMean, long: np.ndarray, study: Study) -> Row:
    interval = of.interval(study.level)
    row: Row = {"mean": of.estimate, "mean_low": interval.low, "mean_high": interval.high}
    return row | {"mean_alone": float(long.mean())}


def _beside(short: Curve, long: Curve, left: float, study: Study) -> Row:
    """What short trainings add to structure, which leaves a part `left` of the variance, 1 where it gains nothing.

    Without numbers where there are no predictions or too few networks.
    """
    predicted = study.regression.predicted.get(short.population)
    ratio = short.epochs / long.epochs
    both = pd.Index(long.table["index"]).intersection(short.table["index"], sort=False)
    row: Row = {"n": len(both) if predicted else 0, "cost_ratio": ratio, "needed": correlation_needed(ratio)}
    row |= {"budget": long.planned, "others": len(short.table) - len(both) if predicted else 0}
    if predicted is None or len(both) <= FEWEST or not predicted.n:
        return row
    known = pd.DataFrame({"short": short.errors, "predicted": predicted.fitted}, index=short.table["index"])
    known = known.reindex(both.append(known.index.difference(both)))
    errors = pd.Series(long.errors, index=long.table["index"])[both].to_numpy()
    levels = Levels(errors, known["predicted"].to_numpy(), known["short"].to_numpy(), predicted.untrained)
    correlation = _correlation(*levels.beyond_predictions(), study)
    row |= _plan(correlation, ratio, long.planned, float(errors.std(ddof=1)))
    row |= {key: row[key] * left for key in ("multiplier", "multiplier_low")}
    return row | {"error": row["error_alone"] * np.sqrt(row["multiplier"])} | _mean(levels.mean(), errors, study)


def _plan(correlation: Interval, cost_ratio: float, budget: int, deviation: float) -> Row:
    """The best numbers for a correlation, if its lower end says that they gain anything; `deviation` is of errors."""
    row: Row = {"correlation": correlation.estimate, "low": correlation.low, "high": correlation.high}
    row |= {"n_long": budget, "n_short": 0, "multiplier": 1.0, "multiplier_low": np.nan}
    sure = correlation.estimate if np.isnan(correlation.low) else correlation.low
    if budget and sure > correlation_needed(cost_ratio):
        row |= {"multiplier": variance_multiplier(correlation.estimate, cost_ratio)}
        row |= {"multiplier_low": variance_multiplier(correlation.low, cost_ratio)}
        if cost_ratio:
            split = best_split(correlation.estimate, cost_ratio, budget, min(FEWEST_LONG, budget))
            row |= {"n_long": split.n_long, "n_short": split.n_short, "multiplier": split.variance * budget}
    row |= {"verdict": "gain" if row["multiplier"] < 1 else "no gain"}
    alone = deviation / np.sqrt(budget) if budget else np.nan
    return row | {"error_alone": alone, "error": alone * np.sqrt(row["multiplier"])}


def _assumed(spaces: Sequence[Budgets], curves: Sequence[Curve]) -> Iterator[Row]:
    """Rows for assumed correlations, of every budget with the longest."""
    epochs = sorted({epochs for space in spaces for epochs in space.epochs})
    budget = max(curve.planned for curve in curves if curve.epochs == epochs[-1])
    for short in epochs[:-1]:
        ratio = short / epochs[-1]
        row: Row = {"space": ANY, "short": short, "long": epochs[-1], "control": SHORT, "n": 0, "cost_ratio": ratio}
        row |= {"needed": correlation_needed(ratio), "budget": budget}
        for assumed in ASSUMED:
            yield row | _plan(Interval(assumed, np.nan, np.nan, np.nan), ratio, budget, np.nan)
