"""Patterns of parameters that each stage may choose: what the best one found is worth on networks that it has not seen.

For any design spaces: a panel is named by the parameter, its curves are the spaces that do not share it.
"""

import pandas as pd

from netspaces.statistics.equivalence import POWER
from netspaces.statistics.patterns import ENOUGH, FOLDS, INNER_FOLDS, REGRESSION, SHALLOW_TREE, search
from netspaces.studies.study import Row, Study
from netspaces.tables.style import Column, present

MODELS = (REGRESSION, SHALLOW_TREE)
COLUMNS = {
    "parameter": Column("what is searched for patterns", "parameter"),
    "space": Column("label of the design space", "space"),
    "model": Column("`regression` (ridge) or `tree` (up to four leaves)", "model"),
    "n": Column("networks with a run", "n", "integer"),
    "r2_baseline": Column(
        "share of the variance of errors that flops, depths, widths and levels predict for unseen networks; below "
        "0: worse than the mean",
        "R² without",
        "share",
    ),
    "r2_gain": Column("what the pattern adds to it", "R² gained", "share"),
    "gain": Column(
        "how much smaller the errors are, less what the baseline explains, in the half that the pattern prefers, "
        "percentage points",
        "gain",
        "share",
    ),
    "low": Column("lower end of its interval", "low", "share"),
    "high": Column("upper end of its interval", "high", "share"),
    "detectable": Column(
        "gain that would have been found with probability `power`, percentage points", "detectable", "share"
    ),
    "verdict": Column("`a pattern helps`: the interval lies above 0; `none seen`; `too few networks`", "verdict"),
    "pattern": Column("the pattern in words, of a fit to all networks", "best pattern found"),
    "population": Column("name of the population"),
    "planned": Column("networks in all"),
    "r2_low": Column("lower end of the bootstrap interval of `r2_gain` over networks, given the predictions"),
    "r2_high": Column("upper end of that interval"),
    "level": Column("confidence of this interval alone; all searches together have the configured one"),
    "searches": Column("searches for which all holds at once"),
    "power": Column("probability for which `detectable` is given"),
    "folds": Column("folds of the cross-validation"),
    "resamples": Column("resamples of the bootstrap"),
    "seed": Column("seed of the resamples"),
}
FOUND, NOT_SEEN, TOO_FEW = "a pattern helps", "none seen", "too few networks"
WANTS: dict = {
    "bottleneck": {"optional": True, "trained": True, "unshared": True},
    "group_width": {"optional": True, "trained": True, "unshared": True},
}


def make(study: Study) -> pd.DataFrame:
    """A row per parameter, space and model."""
    searches = [(parameter, c, model) for parameter, curves in study.panels.items() for c in curves for model in MODELS]
    resampling = study.resampling.simultaneous(len(searches))
    rows = []
    for parameter, curve, model in searches:
        row: Row = {"parameter": parameter.replace("_", " "), "space": curve.label, "model": model}
        row |= {"level": resampling.level}
        row |= {"population": curve.population, "n": len(curve.table), "planned": curve.planned, "verdict": TOO_FEW}
        if len(curve.table) >= ENOUGH:
            result = search(curve.table, curve.errors, parameter, model, resampling)
            row |= {"gain": result.gain.estimate, "low": result.gain.low, "high": result.gain.high}
            row |= {"r2_baseline": result.r2_baseline, "r2_gain": result.r2_gain.estimate}
            row |= {"r2_low": result.r2_gain.low, "r2_high": result.r2_gain.high, "detectable": result.detectable}
            row |= {"pattern": result.words, "verdict": FOUND if result.found else NOT_SEEN, "folds": result.folds}
        rows.append(row)
    common = {"searches": len(searches), "power": POWER, "resamples": study.resamples, "seed": study.seed}
    table = pd.DataFrame(rows).assign(**common)
    note = (
        "Gain: by how much smaller the errors (percentage points, less what flops, depths, widths and levels "
        "explain) of the half of the networks are that a pattern of the stages' values prefers, without having "
        f"seen their errors ({FOLDS}-fold cross-validation, {INNER_FOLDS} folds within for the model's "
        f"complexity). Intervals (Welch) and verdicts hold for the {len(searches)} searches at once (Bonferroni) "
        f"at {100 * study.level:g} %. A pattern helps: the interval lies above 0. Detectable: the gain that would "
        f"have been found with a power of {100 * POWER:g} % at this n. R²: share of the variance that is predicted "
        "for unseen networks, without the pattern, and what the pattern adds (interval in the CSV, "
        f"{study.resamples:,} resamples, seed {study.seed}). Best pattern: of a fit to all networks, in "
        "parentheses percentage points, of the regression per standard deviation; stages count relative to a "
        f"network's mean, in doublings. No search below {ENOUGH} networks."
    )
    return present(table, study.title, note, COLUMNS)
