"""The paper's claims against this run: a row per claim, what was measured, and a verdict by rule."""

import numpy as np
import pandas as pd

from netspaces.claims import ENOUGH, Claim, measure, verdict
from netspaces.statistics import Interval
from netspaces.studies import Curve, Study
from netspaces.tables.style import present
from netspaces.widths_fit import grid_for

COLUMNS = {
    "claim": ("claim", "text"),
    "source": ("source", "text"),
    "published": ("paper", "text"),
    "estimate": ("here", "share"),
    "low": ("low", "share"),
    "high": ("high", "share"),
    "range": ("bears it out", "text"),
    "n": ("n", "text"),
    "verdict": ("verdict", "text"),
}
MORE = ["name", "quantity", "value", "populations", "range_low", "range_high", "level", "claims", "resamples", "seed"]
NOTHING = Interval(np.nan, np.nan, np.nan, np.nan)


def make(study: Study) -> pd.DataFrame:
    """A row per claim, in the order of the file, also of those without runs."""
    rows = []
    for name, settings in study.claims.items():
        claim, curves = Claim.from_settings(name, settings), study.panels.get(name, [])
        options = {"claims": len(study.claims), "resamples": study.resamples, "seed": study.seed}
        definitions = {curve.space: study.definitions.get(curve.space, {}) for curve in curves}
        grid = grid_for(definitions, [curve.table for curve in curves])
        planned = len(settings["populations"])
        interval = measure(claim, curves, grid, study.level, **options) if len(curves) == planned else None
        found = interval or NOTHING
        row = {"claim": claim.statement, "source": claim.source, "published": claim.published, "name": name}
        row |= {"estimate": found.estimate, "low": found.low, "high": found.high, "level": found.level}
        row |= {"range": _range(claim), "range_low": claim.low, "range_high": claim.high, "seed": study.seed}
        row |= {"quantity": claim.quantity, "value": claim.value, "n": _runs(curves, planned), **options}
        row |= {"populations": " ".join(c.population for c in curves), "verdict": verdict(claim, interval)}
        rows.append(row)
    table = pd.DataFrame(rows).reindex(columns=[*COLUMNS, *MORE])
    note = (
        "Confirmed: the interval lies wholly in the range that bears the claim out; contradicted: wholly outside; "
        f"otherwise undecided at this n. Intervals hold together for all {len(study.claims)} claims of the list at "
        f"{100 * study.level:g} % (Bonferroni; BCa bootstrap, {study.resamples:,} resamples, seed {study.seed}; of "
        "differences of means the wider of that and Welch's). A single best value has the paper's bootstrap range "
        f"instead, at that level. No interval below {ENOUGH} runs. n: networks with a run, per population. Errors in "
        "percent, top-1. The paper's numbers are for ImageNet."
    )
    return present(table, study.title, note, COLUMNS)


def _range(claim: Claim) -> str:
    """The range that bears a claim out, in few characters."""
    if np.isinf(claim.low):
        return f"≤ {claim.high:g}"
    return f"≥ {claim.low:g}" if np.isinf(claim.high) else f"{claim.low:g} to {claim.high:g}"


def _runs(curves: list[Curve], planned: int) -> str:
    """How many runs each population has, those of one number counted once; 0 for one that is no part of the run."""
    counts = [f"{len(c.table)}" if len(c.table) == c.planned else f"{len(c.table)} of {c.planned}" for c in curves]
    return ", ".join(dict.fromkeys([*counts, *["0"] * (planned > len(curves))]))
