"""Does a restriction cost anything? Tests of difference and of equivalence, with the power that they had.

For pairs of any design spaces: a panel has two curves, the larger space first.
"""

import math

import numpy as np
import pandas as pd

from netspaces.statistics.comparisons import compare
from netspaces.statistics.equivalence import (
    BEST,
    ENOUGH,
    ENOUGH_QUANTILES,
    POWER,
    compare_means,
    quantile_differences,
    smallest_margin,
    verdict,
)
from netspaces.studies.study import Curve, Study
from netspaces.tables.style import present

COLUMNS = {
    "a": ("a", "text"),
    "b": ("b", "text"),
    "quantity": ("quantity", "text"),
    "n": ("n", "text"),
    "difference": ("a − b", "share"),
    "low": ("low", "share"),
    "high": ("high", "share"),
    "p_difference": ("p (difference)", "p"),
    "p_equivalence": ("p (equivalence)", "p"),
    "p_not_worse": ("p (b not worse)", "p"),
    "verdict": ("verdict", "text"),
    "smallest_margin": ("smallest margin", "share"),
    "detectable": ("detectable", "share"),
    "provable": ("provable margin", "share"),
}
MORE = ["panel", "population_a", "population_b", "n_a", "n_b", "planned_a", "planned_b", "margin"]
MORE += ["equivalence_low", "equivalence_high", "level", "pairs", "power", "resamples", "seed"]
MEAN, QUANTILE = "mean", f"best {100 * BEST:g} %"


def make(study: Study) -> pd.DataFrame:
    """Two rows per panel, for the means and for the best networks; empty cells where there are too few runs."""
    rows = []
    for panel, curves in study.panels.items():
        if len(curves) != 2:
            raise ValueError(f"studies.yaml: {study.name}: panels: {panel}: expected two curves, got {len(curves)}")
        a, b = curves
        enough = min(len(a.table), len(b.table)) > 1
        for quantity, found in ((MEAN, _means), (QUANTILE, _best)):
            rows.append({"panel": panel, "quantity": quantity, **_names(a, b)} | (found(study, a, b) if enough else {}))
    settings = {"margin": study.margin, "pairs": len(study.panels), "power": POWER, **study.resampling.columns()}
    table = pd.DataFrame(rows).assign(**settings).reindex(columns=[*COLUMNS, *MORE])
    note = (
        f"Errors in percent, top-1; margin {study.margin:g} points. Intervals, p values and verdicts hold for the "
        f"{len(study.panels)} pairs at once (Bonferroni) at {100 * study.level:g} %. Mean: the wider of Welch's "
        f"and the BCa interval ({study.resamples:,} resamples, seed {study.seed}). p (difference): permutation; p "
        "(equivalence): two one-sided t tests, Welch; p (b not worse): that b is worse by less than the margin. "
        f"{QUANTILE.capitalize()}: the error that {100 * BEST:g} % of the networks do not exceed, with the "
        "simultaneous band of all quantiles. Smallest margin: from which on these runs show equivalence. "
        "Detectable, provable margin: the true difference that would have been found, and the margin that equal "
        f"spaces would have been shown to keep, with a power of {100 * POWER:g} % at this n. No intervals below "
        f"{ENOUGH} runs (mean) and {ENOUGH_QUANTILES} ({QUANTILE}). n: runs, of how many planned."
    )
    return present(table, study.title, note, COLUMNS)


def _names(a: Curve, b: Curve) -> dict:
    counts = [f"{len(c.table)}" if len(c.table) == c.planned else f"{len(c.table)} of {c.planned}" for c in (a, b)]
    names = {"a": a.label, "b": b.label, "population_a": a.population, "population_b": b.population}
    names |= {"n": ", ".join(dict.fromkeys(counts)), "n_a": len(a.table), "n_b": len(b.table)}
    return names | {"planned_a": a.planned, "planned_b": b.planned}


def _means(study: Study, a: Curve, b: Curve) -> dict:
    pairs = len(study.panels)
    found = compare_means(a.errors, b.errors, study.margin, pairs, study.resampling)
    tested = compare({"a": a.errors, "b": b.errors}, resampling=study.resampling).iloc[0]
    row = {"difference": found.difference.estimate, "low": found.difference.low, "high": found.difference.high}
    row |= {"equivalence_low": found.equivalence.low, "equivalence_high": found.equivalence.high}
    row |= {
        "p_difference": _corrected(tested["p_mean"], pairs),
        "p_equivalence": _corrected(found.p_equivalence, pairs),
    }
    row |= {"p_not_worse": _corrected(found.p_not_worse, pairs), "verdict": found.verdict}
    row |= {"smallest_margin": smallest_margin(found.equivalence)}
    return row | {"detectable": found.detectable, "provable": found.provable}


def _best(study: Study, a: Curve, b: Curve) -> dict:
    found = quantile_differences(a.errors, b.errors, study.resampling.simultaneous(len(study.panels)))
    best, (place,) = found.at(BEST), np.flatnonzero(np.isclose(found.shares, BEST))
    row = {
        "difference": best.estimate,
        "low": best.low,
        "high": best.high,
        "verdict": verdict(study.margin, best, best),
    }
    row |= {"equivalence_low": best.low, "equivalence_high": best.high, "smallest_margin": smallest_margin(best)}
    return row | {"detectable": found.detectable()[place], "provable": found.provable()[place]}


def _corrected(p: float, pairs: int) -> float:
    return p if math.isnan(p) else min(1.0, p * pairs)
