"""Every population of a study in one row: how many runs, and where their errors lie."""

from collections import Counter

import numpy as np
import pandas as pd

from netspaces.statistics.edf import edf
from netspaces.statistics.means import FEW, SKEWED, careful, skewness
from netspaces.statistics.search import bootstrap_interval
from netspaces.studies.networks import first_of_its_kind
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.lookup import published_of
from netspaces.tables.style import RESAMPLING, Column, present
from netspaces.tables.summaries.regression_estimates import known_columns, regression_note

TWENTIETH = 20  # networks, from which on a twentieth of them is one
COLUMNS = {
    "space": Column("label of the design space", "space"),
    "population": Column("name of the population", "population"),
    "n": Column("networks with a run", "n", "integer"),
    "planned": Column("networks in all", "planned", "integer"),
    "finished": Column("runs that finished", "finished", "integer"),
    "diverged": Column("runs that diverged; they count with their chance error", "diverged", "integer"),
    "distinct": Column("different architectures among n", "distinct", "integer"),
    "minimum": Column("smallest error, %", "min", "percent"),
    "mean": Column("mean error, %", "mean", "percent"),
    "mean_low": Column("lower end of the interval of the mean, %: the wider of BCa's and Student's", "low", "percent"),
    "mean_high": Column("upper end of that interval, %", "high", "percent"),
    "regression": Column(
        "regression estimate of the design space's mean error, with untrained networks, %", "regression", "percent"
    ),
    "regression_low": Column("lower end of its interval (Student's t), %", "regr. low", "percent"),
    "regression_high": Column("upper end of its interval, %", "regr. high", "percent"),
    "median": Column("median error, %", "median", "percent"),
    "careful": Column(
        f"why the interval of the mean may end too soon: fewer than {FEW} networks, or errors of a skewness above "
        f"{SKEWED:g}; networks that err much more than all others are rare and may not have been drawn",
        "careful",
    ),
    "best_5_percent": Column(
        f"error that a twentieth of the networks do not exceed, %; empty below {TWENTIETH} networks, where it is the "
        "minimum",
        "best 5 %",
        "percent",
    ),
    "better_high": Column(
        "upper limit of the share of the space's networks that err less than `minimum`, from the simultaneous band of "
        "equal local levels, which is narrow at the good end"
    ),
    "skewness": Column("skewness of the errors"),
    "published_minimum": Column("smallest error that the paper prints, on ImageNet, %", "min (paper)", "percent"),
    "published_mean": Column("mean error that the paper prints, on ImageNet, %", "mean (paper)", "percent"),
    "n_eff": Column("networks whose plain mean would be as sure as the regression estimate"),
    "r2": Column("share of the variance of errors within the population that predictions explain, out of fold"),
    "decides": Column("the estimate of the mean that decides verdicts: `plain` or `regression`"),
    "error": Column("which error counts: `error`, `error_min` or `error_selected`"),
} | RESAMPLING
PUBLISHED = ("published_minimum", "published_mean")  # columns that a study without numbers of the paper's lacks
WANTS: dict = {"*": {}}
UNTRAINED = True


def make(study: Study) -> pd.DataFrame:
    """A row per population, in order of appearance."""
    rows: dict[str, Row] = {}
    for panel, curves in study.panels.items():
        for curve in curves:
            theirs = published_of(study, panel, curve.space)
            row = rows.setdefault(curve.population, _row(study, curve))
            if np.isnan(row["published_mean"]):
                row |= {"published_minimum": theirs[0], "published_mean": theirs[1]}
    table = pd.DataFrame(list(rows.values()))
    note = (
        f"Errors in percent, top-1. Low and high: {100 * study.level:g} % interval of the mean, the wider of the BCa "
        f"bootstrap's and Student's. Careful: it may end too soon with fewer than {FEW} networks or skewed errors "
        f"(skewness above {SKEWED:g}), as rare networks that err much may not have been drawn. Best 5 %: a "
        "twentieth of the networks are at or below it. Diverged runs count with their chance error. Distinct: "
        "different architectures among n."
    )
    columns = {
        name: column
        for name, column in known_columns(study, COLUMNS).items()
        if name not in PUBLISHED or len(study.published)
    }
    note += f" {regression_note(study)}" if study.regression.predicted else ""
    return present(table, study.title, note + _precisions(study) + _origins(study), columns)


def _origins(study: Study) -> str:
    """A sentence per imported population: what became of the rows of its file, and what its errors are."""
    return "".join(f" {curve.label}, imported: {curve.origin}." for curve in study.curves if curve.origin)


def _precisions(study: Study) -> str:
    """A sentence if not all runs were computed in one precision: nodes of a cluster may differ in what `auto` means."""
    tables = {curve.population: curve.table for curves in study.panels.values() for curve in curves}
    runs = Counter(name for table in tables.values() if "precision" in table for name in table["precision"].dropna())
    if len(runs) < 2:
        return ""
    return f" Not all in one precision: {' and '.join(f'{runs[name]:,} runs in {name}' for name in sorted(runs))}."


def _row(study: Study, curve: Curve) -> dict:
    table, errors = curve.table, curve.errors
    row: Row = {"space": curve.label, "population": curve.population, "n": len(table), "planned": curve.planned}
    row |= {
        "finished": int((table["status"] == "finished").sum()),
        "diverged": curve.diverged,
    }
    row |= {"distinct": first_of_its_kind(table).nunique(), "error": curve.error, "level": study.level}
    row |= {"resamples": study.resamples, "seed": study.seed, "published_minimum": np.nan, "published_mean": np.nan}
    if len(errors):
        best = np.quantile(errors, 0.05, method="inverted_cdf") if len(errors) >= TWENTIETH else np.nan
        _, above = edf(errors, study.level).local_band(np.array(0.0))
        row |= {"better_high": float(above)}
        row |= {"minimum": errors.min(), "mean": errors.mean(), "median": np.median(errors), "best_5_percent": best}
    if len(errors) > 1:
        interval = bootstrap_interval(errors, resampling=study.resampling)
        row |= {"mean_low": interval.low, "mean_high": interval.high}
        row |= {"careful": careful(errors), "skewness": skewness(errors)}
    return row | _regression(study, curve)


def _regression(study: Study, curve: Curve) -> Row:
    """The regression estimate of the mean; nothing where nothing is predicted."""
    mean = study.regression.mean(curve.population)
    if mean is None:
        return {}
    interval = mean.interval(study.level)
    decides = "regression" if study.regression.decides([curve.population]) else "plain"
    row: Row = {"regression": mean.estimate, "regression_low": interval.low, "regression_high": interval.high}
    return row | {"n_eff": mean.n_eff, "r2": mean.r2, "decides": decides}
