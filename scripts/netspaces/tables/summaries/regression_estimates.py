"""Means of design spaces from trained and from untrained networks: both estimates, and which one decides verdicts."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from netspaces.statistics.regression_edf import regression_edf
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present

COLUMNS = {
    "space": Column("label of the design space", "space"),
    "population": Column("name of the population", "population"),
    "n": Column("networks with a run", "n", "integer"),
    "untrained": Column("untrained networks of the design space whose errors are predicted", "untrained", "integer"),
    "r2": Column(
        "share of the variance of errors that predictions explain out of fold, within the population", "R²", "share"
    ),
    "plain": Column("mean error of the trained networks, %", "plain mean", "share"),
    "plain_low": Column("lower end of its interval (Student's t), %", "low", "share"),
    "plain_high": Column("upper end of its interval, %", "high", "share"),
    "regression": Column("regression estimate of the mean error of the design space, %", "regression", "share"),
    "regression_low": Column("lower end of its interval (Student's t), %", "low ", "share"),
    "regression_high": Column("upper end of its interval, %", "high ", "share"),
    "n_eff": Column("trained networks whose plain mean would be as sure", "n eff.", "integer"),
    "decides": Column("the estimate that decides verdicts: plain or regression", "decides"),
    "plain_median": Column("median error of the trained networks, %"),
    "regression_median": Column(
        "median error of the design space, from the distribution that untrained networks correct, %"
    ),
    "regression_median_low": Column(
        "lower end of its interval, from the simultaneous band of that distribution, %; empty where no network errs "
        "less"
    ),
    "regression_median_high": Column("upper end of that interval, %"),
    "r2_pooled": Column("share of the variance within populations that is explained, over all of its recipe"),
    "factor": Column("what predictions are multiplied by"),
    "distinct": Column("different networks among the untrained ones"),
    "level": Column("confidence of the intervals"),
}
WANTS: dict = {"*": {}}
UNTRAINED = True
OF_BOTH = ("regression", "plain", "n_eff", "r2", "decides")  # how columns of other tables begin that tell of both means


def make(study: Study) -> pd.DataFrame:
    """A row per population, in order of appearance; without an estimate for those that nothing is predicted of."""
    rows = [_row(study, curve) for curve in study.curves]
    note = (
        f"Errors in percent, top-1; intervals of {100 * study.level:g} %. {regression_note(study)} n eff.: trained "
        "networks whose plain mean would be as sure, if their spread is that of these."
    )
    return present(pd.DataFrame(rows), study.title, note, COLUMNS)


def regression_note(study: Study) -> str:
    """What the regression estimate is, and the rule by which it decides, fixed before the run."""
    what = (
        "Regression estimate: the mean predicted error of untrained networks of the space, plus the mean of what "
        "predictions of the trained ones, by models that have not seen them, got wrong (difference estimator, "
        "prediction-powered inference)."
    )
    if study.decides_from is None:
        return f"{what} The plain mean decides, as the configuration says."
    shares = sorted(set(study.regression.r2.values()))
    seen = f" (here {' and '.join(f'{share:.2f}' for share in shares)})" if shares else ""
    return (
        f"{what} It decides verdicts where predictions explain at least {study.decides_from:g} of the variance within "
        f"populations, over all of one recipe{seen}; elsewhere the plain mean does. The configuration fixes this rule."
    )


def known_columns(study: Study, columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns of another table, without those of both means where nothing is predicted."""
    if study.regression.predicted:
        return dict(columns)
    return {name: column for name, column in columns.items() if not name.startswith(OF_BOTH)}


def _row(study: Study, curve: Curve) -> Row:
    row: Row = {"space": curve.label, "population": curve.population, "n": len(curve.table), "level": study.level}
    mean = study.regression.mean(curve.population)
    if mean is None:
        return row | {"plain": curve.errors.mean() if len(curve.errors) else float("nan"), "decides": "plain"}
    plain, found = mean.plain_interval(study.level), mean.interval(study.level)
    row |= {"untrained": mean.untrained, "r2": mean.r2, "factor": mean.factor, "n_eff": mean.n_eff}
    row |= {"plain": plain.estimate, "plain_low": plain.low, "plain_high": plain.high}
    row |= {"regression": found.estimate, "regression_low": found.low, "regression_high": found.high}
    median = regression_edf(study.regression.predicted[curve.population], resampling=study.resampling).quantile(0.5)
    row |= {"plain_median": float(np.median(curve.errors)), "regression_median": median.estimate}
    row |= {"regression_median_low": median.low, "regression_median_high": median.high}
    row |= {
        "r2_pooled": study.regression.r2[curve.population],
        "distinct": _distinct(study.untrained[curve.population]),
    }
    return row | {"decides": "regression" if study.regression.decides([curve.population]) else "plain"}


def _distinct(untrained: pd.DataFrame) -> int:
    """How many of some untrained networks differ."""
    return len(untrained.drop(columns=["index", "draws"]).drop_duplicates())
