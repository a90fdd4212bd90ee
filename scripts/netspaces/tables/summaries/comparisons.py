"""Pairs of design spaces, compared within each panel of a study: by how much they differ, and how sure that is.

The pairs of one study are the family of its tests.
"""

from itertools import combinations

import pandas as pd

from netspaces.statistics.comparisons import LARGE, compare
from netspaces.statistics.regression_estimate import difference
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.lookup import published_of
from netspaces.tables.style import Column, present
from netspaces.tables.summaries.regression_estimates import known_columns, regression_note

CORRECTION = "holm"
PUBLISHED = "published_difference"  # a column that a study of one's own, with no numbers of the paper's, lacks
Pair = tuple[str, Curve, Curve]  # the panel, a, b
COLUMNS = {
    "panel": Column("study and panel in which both populations are drawn", "panel"),
    "a": Column("label of the first design space", "a"),
    "b": Column("label of the second", "b"),
    "n_a": Column("networks of a with a run", "n a", "integer"),
    "n_b": Column("networks of b with a run", "n b", "integer"),
    "difference": Column("mean error of a minus mean error of b, percentage points", "mean a − mean b", "share"),
    "simultaneous_low": Column(
        "lower end of its interval, which holds for all pairs of its study at once (Bonferroni)", "low", "share"
    ),
    "simultaneous_high": Column("upper end of that interval", "high", "share"),
    "regression": Column(
        "difference of the regression estimates of both means, percentage points", "a − b (regression)", "share"
    ),
    "regression_simultaneous_low": Column(
        "lower end of its interval (Welch), which holds for all pairs of its study at once", "regr. low", "share"
    ),
    "regression_simultaneous_high": Column("upper end of that interval", "regr. high", "share"),
    "p_mean_corrected": Column("p value of `p_mean`'s test, corrected over the pairs of its study", "p (means)", "p"),
    "ks": Column("largest gap between the two error distributions", "KS", "share"),
    "p_ks_corrected": Column("p value of `p_ks`'s test, corrected over the pairs of its study", "p (KS)", "p"),
    "superiority": Column(
        "probability that a network of a has a smaller error than one of b, ties counting half", "P(a better)", "share"
    ),
    PUBLISHED: Column(
        "difference of the means that the paper prints, percentage points", "mean a − mean b (paper)", "percent"
    ),
    "low": Column("lower end of the interval for this pair alone: the wider of the bootstrap's (BCa) and Welch's"),
    "high": Column("upper end of that interval"),
    "regression_low": Column("lower end of the interval of `regression` for this pair alone"),
    "regression_high": Column("upper end of that interval"),
    "decides": Column("the estimate of the difference that decides: `plain` or `regression`"),
    "p_mean": Column("p value of the permutation test of equal means by Welch's t"),
    "p_ks": Column("p value of the permutation test of equal distributions by the largest gap"),
    "superiority_low": Column(
        "lower end of the interval of `superiority` (Brunner and Munzel on the logit scale, or Newcombe if wider)"
    ),
    "superiority_high": Column("upper end of that interval"),
    "population_a": Column("name of a's population"),
    "population_b": Column("name of b's population"),
    "level": Column("confidence of the intervals"),
    "resamples": Column("resamples of the permutation tests"),
    "correction": Column("method of correction for several pairs"),
    "pairs": Column("number of pairs of its study"),
}
WANTS: dict = {"*": {}}
UNTRAINED = True


def make(study: Study) -> pd.DataFrame:
    """A row per pair of populations that share a panel, once in each study; empty where one has fewer than two runs."""
    rows = [row for pairs in families(study).values() for row in _rows(study, pairs)]
    large = any(min(row["n_a"], row["n_b"]) >= LARGE for row in rows)
    note = (
        f"Differences of mean top-1 errors in percent with {100 * study.level:g} % intervals (the wider of the BCa "
        "bootstrap's and Welch's) that hold for all pairs of one study at once; those of each pair alone are in the "
        f"CSV. Permutation p values ({study.resamples:,} resamples, seed {study.seed}), corrected "
        f"({CORRECTION.capitalize()}) over the pairs of one study, the family of either test: a study asks its own "
        "question, and its answer does not depend on what else is in the run. "
        + f"Of two populations of {LARGE:,} networks or more, p values are those of the limit laws. " * large
        + "P(a better): probability that a network of a has the smaller error, ties counting half."
    )
    note += f" {regression_note(study)}" if study.regression.predicted else ""
    columns = {
        name: column
        for name, column in known_columns(study, COLUMNS).items()
        if name != PUBLISHED or len(study.published)
    }
    return present(pd.DataFrame(rows), study.title, note, columns)


def families(study: Study) -> dict[str, list[Pair]]:
    """By study, all pairs within its panels, in order of appearance, each pair of populations once.

    The summary of a run names its panels study/panel; the panels of a single study are one family.
    """
    families: dict[str, dict[frozenset[str], Pair]] = {}
    for panel, curves in study.panels.items():
        name, _, within = panel.partition("/")
        pairs = families.setdefault(name if within else study.name, {})
        for a, b in combinations(curves, 2):
            key = frozenset((a.population, b.population))
            if len(key) == 2:
                pairs.setdefault(key, (panel, a, b))
    return {name: list(pairs.values()) for name, pairs in families.items()}


def _rows(study: Study, pairs: list[Pair]) -> list[Row]:
    """The rows of one family."""
    compared = _compared(study, [(a, b) for _, a, b in pairs if min(len(a.table), len(b.table)) > 1])
    rows = []
    for panel, a, b in pairs:
        mean_a, mean_b = (published_of(study, panel, curve.space)[1] for curve in (a, b))
        row: Row = {
            "panel": panel,
            "a": a.label,
            "b": b.label,
            "population_a": a.population,
            "population_b": b.population,
        }
        row |= {"n_a": len(a.table), "n_b": len(b.table), PUBLISHED: mean_a - mean_b}
        rows.append(row | compared.get((a.population, b.population), {}) | _regression(study, a, b, len(pairs)))
    return rows


def _regression(study: Study, a: Curve, b: Curve, pairs: int) -> Row:
    """The difference of regression estimates; nothing where nothing is predicted of one of both."""
    of_a, of_b = (study.regression.mean(curve.population) for curve in (a, b))
    if of_a is None or of_b is None:
        return {}
    own, together = (difference(of_a, of_b, level) for level in (study.level, 1 - (1 - study.level) / pairs))
    row: Row = {"regression": own.estimate, "regression_low": own.low, "regression_high": own.high}
    row |= {"regression_simultaneous_low": together.low, "regression_simultaneous_high": together.high}
    decides = study.regression.decides([a.population, b.population])
    return row | {"decides": "regression" if decides else "plain"}


def _compared(study: Study, pairs: list[tuple[Curve, Curve]]) -> dict[tuple[str, str], dict]:
    """What `statistics.compare` says of the pairs of one family, by the names of the populations."""
    if not pairs:
        return {}
    errors = {curve.population: curve.errors for pair in pairs for curve in pair}
    names = [(a.population, b.population) for a, b in pairs]
    table = compare(errors, names, study.resampling, CORRECTION).assign(pairs=len(names))
    return {(row["a"], row["b"]): row.drop(["a", "b"]).to_dict() for _, row in table.iterrows()}
