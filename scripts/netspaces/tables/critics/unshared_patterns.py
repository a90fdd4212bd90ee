"""Patterns of parameters that each stage may choose: what the best one found is worth on networks that it has not seen.

For any design spaces: a panel is named by the parameter, its curves are the spaces that do not share it.
"""

import pandas as pd

from netspaces.statistics.equivalence import POWER
from netspaces.statistics.patterns import ENOUGH, FOLDS, INNER_FOLDS, REGRESSION, SHALLOW_TREE, search
from netspaces.studies.study import Study
from netspaces.tables.style import present

MODELS = (REGRESSION, SHALLOW_TREE)
COLUMNS = {
    "parameter": ("parameter", "text"),
    "space": ("space", "text"),
    "model": ("model", "text"),
    "n": ("n", "integer"),
    "r2_baseline": ("R² without", "share"),
    "r2_gain": ("R² gained", "share"),
    "gain": ("gain", "share"),
    "low": ("low", "share"),
    "high": ("high", "share"),
    "detectable": ("detectable", "share"),
    "verdict": ("verdict", "text"),
    "pattern": ("best pattern found", "text"),
}
MORE = ["population", "planned", "r2_low", "r2_high", "level", "searches", "power", "folds", "resamples", "seed"]
FOUND, NOT_SEEN, TOO_FEW = "a pattern helps", "none seen", "too few networks"


def make(study: Study) -> pd.DataFrame:
    """A row per parameter, space and model."""
    searches = [(parameter, c, model) for parameter, curves in study.panels.items() for c in curves for model in MODELS]
    resampling = study.resampling.simultaneous(len(searches))
    rows = []
    for parameter, curve, model in searches:
        row = {"parameter": parameter.replace("_", " "), "space": curve.label, "model": model}
        row |= {"level": resampling.level}
        row |= {"population": curve.population, "n": len(curve.table), "planned": curve.planned, "verdict": TOO_FEW}
        if len(curve.table) >= ENOUGH:
            found = search(curve.table, curve.errors, parameter, model, resampling)
            row |= {"gain": found.gain.estimate, "low": found.gain.low, "high": found.gain.high}
            row |= {"r2_baseline": found.r2_baseline, "r2_gain": found.r2_gain.estimate}
            row |= {"r2_low": found.r2_gain.low, "r2_high": found.r2_gain.high, "detectable": found.detectable}
            row |= {"pattern": found.words, "verdict": FOUND if found.found else NOT_SEEN, "folds": found.folds}
        rows.append(row)
    settings = {"searches": len(searches), "power": POWER, "resamples": study.resamples, "seed": study.seed}
    table = pd.DataFrame(rows).assign(**settings).reindex(columns=[*COLUMNS, *MORE])
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
