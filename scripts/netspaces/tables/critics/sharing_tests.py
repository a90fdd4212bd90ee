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
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present

COLUMNS = {
    "a": Column("label of the first design space", "a"),
    "b": Column("label of the second, which shares a parameter that is free in a", "b"),
    "quantity": Column("`mean`, or `best 5 %`: the error that a twentieth of the networks do not exceed", "quantity"),
    "n": Column("networks of both with a run, in words", "n"),
    "difference": Column("a minus b, percentage points", "a − b", "share"),
    "low": Column("lower end of the interval of the difference test", "low", "share"),
    "high": Column("upper end of the interval of the difference test", "high", "share"),
    "p_difference": Column("p value of the permutation test of equal means, times `pairs`", "p (difference)", "p"),
    "p_equivalence": Column(
        "p value of two one-sided t tests (Welch) that the means differ by less than `margin`, times `pairs`",
        "p (equivalence)",
        "p",
    ),
    "p_not_worse": Column(
        "p value of the one of them that b is worse by less than `margin`, times `pairs`", "p (b not worse)", "p"
    ),
    "verdict": Column(
        "`equivalent`, `different`, `different, within the margin` or `undecided`, from the two intervals", "verdict"
    ),
    "smallest_margin": Column(
        "margin from which on these runs show equivalence, percentage points", "smallest margin", "share"
    ),
    "detectable": Column(
        "true difference that would have been found with probability `power`, percentage points", "detectable", "share"
    ),
    "provable": Column(
        "margin that equal spaces would have been shown to keep with probability `power`, percentage points",
        "provable margin",
        "share",
    ),
    "panel": Column("panel of the pair"),
    "population_a": Column("name of a's population"),
    "population_b": Column("name of b's population"),
    "n_a": Column("networks of a with a run"),
    "n_b": Column("networks of b with a run"),
    "planned_a": Column("networks of a in all"),
    "planned_b": Column("networks of b in all"),
    "margin": Column("largest difference that does not matter, percentage points"),
    "equivalence_low": Column("lower end of the interval of the two one-sided tests"),
    "equivalence_high": Column("upper end of the interval of the two one-sided tests"),
    "level": Column("confidence of the intervals"),
    "pairs": Column("pairs for which all holds at once"),
    "power": Column("probability for which `detectable` and `provable` are given"),
    "resamples": Column("resamples of the permutation test and of the bands of quantiles"),
    "seed": Column("seed of the resamples"),
}
MEAN, QUANTILE = "mean", f"best {100 * BEST:g} %"
WANTS: dict = {"*": {"curves": 2}}


def make(study: Study) -> pd.DataFrame:
    """Two rows per panel, for the means and for the best networks; empty cells where there are too few runs."""
    rows = []
    for panel in study.panels:
        a, b = study.pair(panel)
        enough = min(len(a.table), len(b.table)) > 1
        for quantity, tests in ((MEAN, _means), (QUANTILE, _best)):
            rows.append({"panel": panel, "quantity": quantity, **_names(a, b)} | (tests(study, a, b) if enough else {}))
    common = {"margin": study.margin, "pairs": len(study.panels), "power": POWER, **study.resampling.columns()}
    table = pd.DataFrame(rows).assign(**common)
    note = (
        f"Errors in percent, top-1; margin {study.margin:g} points. Intervals, p values and verdicts hold for the "
        f"{len(study.panels)} pairs at once (Bonferroni) at {100 * study.level:g} %. Mean: the wider of Welch's "
        "and the BCa interval, without resamples. p (difference): permutation "
        f"({study.resamples:,} resamples, seed {study.seed}); p (equivalence): two one-sided t tests, Welch; p (b not "
        "worse): that b is worse by less than the margin. "
        f"{QUANTILE.capitalize()}: the error that {100 * BEST:g} % of the networks do not exceed, with the "
        "simultaneous band of all quantiles. Smallest margin: from which on these runs show equivalence. "
        "Detectable, provable margin: the true difference that would have been found, and the margin that equal "
        f"spaces would have been shown to keep, with a power of {100 * POWER:g} % at this n. No intervals below "
        f"{ENOUGH} runs (mean) and {ENOUGH_QUANTILES} ({QUANTILE}). n: runs, of how many planned."
    )
    return present(table, study.title, note, COLUMNS)


def _names(a: Curve, b: Curve) -> dict:
    names: Row = {"a": a.label, "b": b.label, "population_a": a.population, "population_b": b.population}
    names |= {"n": ", ".join(dict.fromkeys([a.count_text, b.count_text])), "n_a": len(a.table), "n_b": len(b.table)}
    return names | {"planned_a": a.planned, "planned_b": b.planned}


def _means(study: Study, a: Curve, b: Curve) -> dict:
    pairs = len(study.panels)
    means = compare_means(a.errors, b.errors, study.margin, pairs, study.level)
    permutation = compare({"a": a.errors, "b": b.errors}, resampling=study.resampling).iloc[0]
    row: Row = {"difference": means.difference.estimate, "low": means.difference.low, "high": means.difference.high}
    row |= {"equivalence_low": means.equivalence.low, "equivalence_high": means.equivalence.high}
    row |= {"p_difference": _corrected(permutation["p_mean"], pairs)}
    row |= {"p_equivalence": _corrected(means.p_equivalence, pairs)}
    row |= {"p_not_worse": _corrected(means.p_not_worse, pairs), "verdict": means.verdict}
    row |= {"smallest_margin": smallest_margin(means.equivalence)}
    return row | {"detectable": means.detectable, "provable": means.provable}


def _best(study: Study, a: Curve, b: Curve) -> dict:
    quantiles = quantile_differences(a.errors, b.errors, study.resampling.simultaneous(len(study.panels)))
    best, (place,) = quantiles.at(BEST), np.flatnonzero(np.isclose(quantiles.shares, BEST))
    row: Row = {"difference": best.estimate, "low": best.low, "high": best.high}
    row |= {"verdict": verdict(study.margin, best, best)}
    row |= {"equivalence_low": best.low, "equivalence_high": best.high, "smallest_margin": smallest_margin(best)}
    return row | {"detectable": quantiles.detectable()[place], "provable": quantiles.provable()[place]}


def _corrected(p: float, pairs: int) -> float:
    return p if math.isnan(p) else min(1.0, p * pairs)
