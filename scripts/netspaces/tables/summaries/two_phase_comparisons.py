"""Pairs of design spaces that are drawn in two phases: by how much they differ, and how sure that is."""

from itertools import combinations

import pandas as pd
from statsmodels.stats.multitest import multipletests

from netspaces.statistics.two_phase import TwoPhase
from netspaces.statistics.two_phase_comparisons import difference, p_of_no_difference, weighted_superiority
from netspaces.statistics.two_phase_edf import largest_gap
from netspaces.studies.study import Curve, Row, Study
from netspaces.studies.two_phase import NONE, check_all_two_phase, population_of
from netspaces.tables.style import Column, present

CORRECTION = "holm"
COLUMNS = {
    "a": Column("label of the first design space", "a"),
    "b": Column("label of the second", "b"),
    "n_a": Column("networks of a with a run", "n a", "integer"),
    "n_b": Column("networks of b with a run", "n b", "integer"),
    "difference": Column("mean error of a's space minus that of b's, percentage points", "mean a − mean b", "share"),
    "simultaneous_low": Column(
        "lower end of its interval, which holds for all pairs at once (Bonferroni)", "low", "share"
    ),
    "simultaneous_high": Column("upper end of that interval", "high", "share"),
    "p_corrected": Column("p value of equal means, corrected over the pairs", "p (means)", "p"),
    "ks": Column("largest gap between the two weighted distributions of errors", "KS", "share"),
    "p_ks_corrected": Column("p value of `p_ks`'s test, corrected over the pairs", "p (KS)", "p"),
    "superiority": Column(
        "probability that a random network of a's space has a smaller error than one of b's, ties counting half",
        "P(a better)",
        "share",
    ),
    "superiority_low": Column("lower end of its interval", "P low", "share"),
    "superiority_high": Column("upper end of its interval", "P high", "share"),
    "low": Column("lower end of the interval of `difference` for this pair alone"),
    "high": Column("upper end of that interval"),
    "p": Column("p value of equal means for this pair alone, by inverting the limits"),
    "p_ks": Column("p value of equal distributions for this pair alone, by simulating the largest gap"),
    "population_a": Column("name of a's population"),
    "population_b": Column("name of b's population"),
    "level": Column("confidence of the intervals"),
    "resamples": Column("simulations of the largest gap"),
    "correction": Column("method of correction for several pairs"),
    "pairs": Column("number of pairs"),
}
WANTS: dict = {"populations": {"at_least": 0}}
ONE = "One population is drawn in two phases, and makes no pair; name more of them in POPULATIONS."


def make(study: Study) -> pd.DataFrame:
    """A row per pair, in order of appearance; without numbers where a stratum of one has fewer than two runs."""
    check_all_two_phase(study)
    note = (
        f"Differences of mean top-1 errors in percent with {100 * study.level:g} % intervals (the wider of Student's t "
        "and the BCa bootstrap within strata) that hold for all pairs at once; those of each pair alone are in the "
        f"CSV. KS: largest gap between the two distributions. p values corrected ({CORRECTION.capitalize()}) over the "
        f"pairs, those of KS by {study.resampling.resamples:,} simulations. P(a better): probability that a random "
        "network of a's space has the smaller error, ties counting half. Each network counts as those that it stands "
        "for."
    )
    pairs = list(combinations(study.curves, 2))
    rows = [{**_names(a, b), **_row(study, population_of(a), population_of(b), len(pairs))} for a, b in pairs]
    known = [row for row in rows if "p" in row]
    for test in ("p", "p_ks") if known else ():
        corrected = multipletests([row[test] for row in known], method=CORRECTION)[1]
        for row, p in zip(known, corrected, strict=True):
            row[f"{test}_corrected"] = float(p)
    return present(pd.DataFrame(rows), study.title, note if rows else ONE if study.curves else NONE, COLUMNS)


def _names(a: Curve, b: Curve) -> Row:
    row: Row = {"a": a.label, "b": b.label, "population_a": a.population, "population_b": b.population}
    return row | {"n_a": len(a.table), "n_b": len(b.table)}


def _row(study: Study, a: TwoPhase | None, b: TwoPhase | None, pairs: int) -> Row:
    row: Row = {"level": study.level, "correction": CORRECTION, "pairs": pairs}
    if a is None or b is None:
        return row
    found = difference(a, b)
    own, together = found.interval(study.level), found.interval(1 - (1 - study.level) / pairs)
    better = weighted_superiority(a, b, study.level)
    gap, p_ks = largest_gap(a, b, study.resampling)
    row |= {"difference": own.estimate, "low": own.low, "high": own.high, "p": p_of_no_difference(found)}
    row |= {"simultaneous_low": together.low, "simultaneous_high": together.high}
    row |= {"ks": gap, "p_ks": p_ks, "resamples": study.resampling.resamples}
    return row | {"superiority": better.estimate, "superiority_low": better.low, "superiority_high": better.high}
