"""Pairs of design spaces within a regime and at equal complexity: which order survives which budget."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from netspaces.statistics.intervals import Interval
from netspaces.statistics.matching import (
    BALANCED,
    LEAST,
    MOST_BINS,
    Matched,
    conclusion,
    match,
    side,
    unmatched,
    weighted_difference,
)
from netspaces.studies.study import Curve, Row, Study
from netspaces.studies.times import complexities, timing_note
from netspaces.tables.style import RESAMPLING, Column, present

BEST = 8  # the search whose result is compared tries an eighth of the effective networks
WITHIN = "none (the regime alone)"
COLUMNS = {
    "a": Column("label of the first design space", "a"),
    "b": Column("label of the second", "b"),
    "budget": Column(
        "what is equal: nothing but the regime, a complexity, or the time of inference in a setting", "equal"
    ),
    "effective_a": Column("effective sample size of a under the weights", "n' a", "percent"),
    "effective_b": Column("effective sample size of b under the weights", "n' b", "percent"),
    "bins": Column("bins in which both have the same weight", "bins", "integer"),
    "gap": Column("difference of mean log complexity with weights, in standard deviations", "gap", "share"),
    "difference": Column("weighted mean error of a minus that of b, percentage points", "mean a − mean b", "share"),
    "low": Column("lower end of its interval", "low", "share"),
    "high": Column("upper end of its interval", "high", "share"),
    "conclusion": Column(
        "`a better`, `b better` or `undecided` within the regime; then `kept`, `lost`, `reversed`, `new`, "
        "`undecided` or `not comparable`; `no runs`",
        "order of means",
    ),
    "draws": Column("networks that a search tries", "draws", "integer"),
    "best_difference": Column(
        "expected error of the best of them, a minus b, percentage points", "best a − best b", "share"
    ),
    "best_low": Column("lower end of its interval", "best low", "share"),
    "best_high": Column("upper end of its interval", "best high", "share"),
    "best_conclusion": Column("as `conclusion`; `too few` where a search would try a single network", "order of bests"),
    "population_a": Column("name of a's population"),
    "population_b": Column("name of b's population"),
    "n_a": Column("networks of a with a run"),
    "n_b": Column("networks of b with a run"),
    "outside_a": Column("share of the networks of a outside the range that both have"),
    "outside_b": Column("share of the networks of b outside it"),
    "gap_unweighted": Column("difference of mean log complexity without weights, in standard deviations"),
    "range_low": Column("lower end of the range that both have, in units of the complexity, or ms"),
    "range_high": Column("upper end of that range"),
} | RESAMPLING
WORDS = {1: "b better", -1: "a better", 0: "undecided"}
WANTS: dict = {"spaces": {"at_least": 2, "columns": ["flops", "params", "activations"]}}


def make(study: Study) -> pd.DataFrame:
    """A row per pair of spaces and budget; pairs of which one has fewer than two runs are left empty."""
    curves = list(next(iter(study.panels.values()), []))
    by_complexity, rows = complexities(study, curves), []
    for a, b in combinations(curves, 2):
        rows += _pair(study, a, b, by_complexity)
    table = pd.DataFrame(rows)
    table = table.assign(**study.resampling.columns())
    return present(table, study.title, _note(study, curves), COLUMNS)


def _pair(study: Study, a: Curve, b: Curve, by_complexity: dict) -> list[dict]:
    names: Row = {"a": a.label, "b": b.label, "population_a": a.population, "population_b": b.population}
    names |= {"n_a": len(a.table), "n_b": len(b.table)}
    if min(len(a.table), len(b.table)) < LEAST:
        return [names | {"budget": WITHIN, "conclusion": "no runs"}]
    errors = {curve.population: curve.errors for curve in (a, b)}
    plain = unmatched(errors)
    before = _differences(study, errors, plain)
    verdicts = {"conclusion": WORDS[side(before["mean"])], "best_conclusion": WORDS[side(before["best"])]}
    rows = [names | {"budget": WITHIN} | _described(plain) | _numbers(before) | verdicts]
    for name, values in by_complexity.items():
        known = {population: values[population] for population in errors}
        measured = all(np.isfinite(own).all() for own in known.values())
        matched = match(known) if measured else None
        after = _differences(study, errors, matched) if matched else {"mean": None, "best": None}
        balanced = matched is not None and matched.balanced
        verdicts = {
            "conclusion": conclusion(before["mean"], after["mean"], balanced),
            "best_conclusion": _best_conclusion(before["best"], after["best"], balanced),
        }
        described = _described(matched) | _numbers(after) if matched else {}
        rows.append(names | {"budget": name} | described | verdicts)
    return rows


def _best_conclusion(before: Interval, after: Interval | None, balanced: bool) -> str:
    """As `conclusion`; too few networks where there is no interval."""
    if after is not None and balanced and np.isnan([before.low, after.low]).any():
        return "too few"
    return conclusion(before, after, balanced)


def _differences(study: Study, errors: dict[str, np.ndarray], matched: Matched) -> dict[str, Any]:
    """Differences a - b of the mean, and of the best of some networks; the latter without limits for a single one."""
    draws = int(min(map(matched.effective, errors)) // BEST)
    mean = weighted_difference(errors, matched, list(errors), resampling=study.resampling)
    best = Interval.unknown(study.level)
    if draws > 1:
        best = weighted_difference(errors, matched, list(errors), draws, study.resampling)
    return {"mean": mean, "best": best, "draws": max(draws, 1)}


def _numbers(differences: dict) -> dict:
    mean, best = differences["mean"], differences["best"]
    row: Row = {"difference": mean.estimate, "low": mean.low, "high": mean.high, "draws": differences["draws"]}
    return row | {"best_difference": best.estimate, "best_low": best.low, "best_high": best.high}


def _described(matched: Matched) -> dict:
    one, other = matched.weights
    row: Row = {"effective_a": matched.effective(one), "effective_b": matched.effective(other), "bins": matched.k}
    row |= {"outside_a": matched.outside(one), "outside_b": matched.outside(other)}
    row |= {"range_low": matched.edges[0], "range_high": matched.edges[-1]}
    return row | {"gap": matched.imbalance, "gap_unweighted": matched.before}


def _note(study: Study, curves: list[Curve]) -> str:
    timing = timing_note(study, curves)
    return (
        f"Kept, lost, reversed: what becomes of an order that the {100 * study.level:g} % interval decides within the "
        "regime; new: decided at equal complexity only; undecided: neither. Not comparable: no range of the complexity "
        f"that both share, or a gap of mean log complexity above {BALANCED} standard deviations after weighting. "
        f"Weights: up to {MOST_BINS} bins with {LEAST} networks of each space or more. n': effective sample sizes. "
        f"Best: expected smallest error of as many networks as the draws, an {BEST}th of the smaller n'; too few: of "
        f"fewer than two. Errors in percent. Intervals: {study.resamples:,} resamples of networks within bins, seed "
        f"{study.seed}, each for its own row. {timing[0].upper()}{timing[1:]}."
    )
