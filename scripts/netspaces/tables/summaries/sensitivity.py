"""Which verdicts survive a choice that a careful reader could have made otherwise?

For each claim about errors, and each such choice, the verdict with that choice alone changed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.statistics.resampling import bca_limits
from netspaces.statistics.superiority import superiority
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED, UNDECIDED, Claim, Finding
from netspaces.studies.claims.populations import ENOUGH
from netspaces.studies.claims.verdicts import of_limits
from netspaces.studies.networks import first_of_its_kind
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present
from netspaces.tables.summaries.paper_against_ours import claims_table, findings_of

MEASURED = (CONFIRMED, CONTRADICTED, UNDECIDED)
PAIRS = {"mean_difference", "smallest_step", "smallest_difference"}
"""Quantities that are differences of neighbours or partners, of which the smallest counts."""


def _last_epoch(curve: Curve) -> Curve:
    """The error after the last epoch counts; imported errors stay as they are."""
    return curve if curve.origin else replace(curve, error="error")


def _without_worst(curve: Curve) -> Curve:
    """Without the network of the largest error, the last of those that tie."""
    kept = np.sort(curve.errors.argsort(kind="stable")[:-1])
    return replace(curve, table=curve.table.iloc[kept].reset_index(drop=True))


def _clustered(curve: Curve) -> Curve:
    """A row per architecture, with the mean error of its repetitions."""
    table = curve.table
    of = first_of_its_kind(table).to_numpy()
    means = table.groupby(of)[curve.error].transform("mean")
    return replace(curve, table=table.assign(**{curve.error: means})[~pd.Series(of).duplicated().to_numpy()])


def _logarithms(curve: Curve) -> Curve:
    """The logarithm of an error in its place; no error is 0 there, but half of one image in a thousand."""
    floor = np.maximum(curve.table[curve.error], 0.05)
    return replace(curve, table=curve.table.assign(**{curve.error: np.log(floor)}))


CURVES: dict[str, tuple[str, Callable[[Curve], Curve], bool]] = {
    "logarithm": ("means of log errors", _logarithms, True),
    "last_epoch": ("the error after the last epoch", _last_epoch, False),
    "without_worst": ("each population without its worst network", _without_worst, False),
    "clusters": ("repeated architectures as one network", _clustered, False),
}
"""By name: in words, how it changes a population, and whether it leaves only the sign of a difference."""

COLUMNS = {
    "name": Column("name of the claim", "claim"),
    "stated": Column("the sure verdict of `paper_against_ours`", "stated"),
    "plain": Column("verdict with plain means, where regression estimates decide", "plain means"),
    "median": Column("verdict with medians in place of means", "median"),
    "superiority": Column("verdict with P(better) in place of a difference of means", "P(better)"),
    **{name: Column(f"verdict with {words}", name.replace("_", " ")) for name, (words, _, _) in CURVES.items()},
    "another_seed": Column("verdict with the next seed of the bootstrap", "another seed"),
    "changes": Column("choices under which the verdict is another", "changes", "integer"),
    "tried": Column("choices that apply to the claim", "of", "integer"),
    "level": Column("confidence of the list"),
    "resamples": Column("resamples of the bootstrap"),
    "seed": Column("seed of the resamples as stated"),
}
CHOICES = [name for name in COLUMNS if name not in ("name", "stated", "changes", "tried", "level", "resamples", "seed")]
WANTS: dict = {"*": {"at_least": 0}}
UNTRAINED = True


def make(study: Study) -> pd.DataFrame:
    """A row per claim about errors that has a verdict; empty cells where a choice does not apply."""
    about = [name for name, settings in study.claims.items() if _is_about_errors(settings)]
    if not about:
        return present(pd.DataFrame(columns=list(COLUMNS)), study.title, "No claims about errors.", COLUMNS)
    known = findings_of(study, study.claims)
    table = claims_table(study, known)
    verdicts, level = dict(zip(table["name"], table["verdict"], strict=True)), float(table["level"].iloc[0])
    stated = {name: verdicts[name] for name in about if verdicts[name] in MEASURED}
    claims = {name: Claim.from_settings(name, study.claims[name], study.margin) for name in stated}
    by_regression = [name for name in stated if known[name].confidence is known[name].regression]
    found = {
        "plain": _verdicts(replace(study, decides_from=None), known, by_regression),
        "another_seed": _verdicts(replace(study, seed=study.seed + 1), known, stated),
    }
    for choice, (_, change, of_sign) in CURVES.items():
        asked = [name for name, claim in claims.items() if not of_sign or _asks_for_sign(claim)]
        found[choice] = _verdicts(_changed(study, change), known, asked)
    for choice, interval in (("median", _medians), ("superiority", _superiority)):
        found[choice] = {
            name: _of_pairs(study, claim, interval, 1 - level)
            for name, claim in claims.items()
            if claim.quantity in PAIRS and (choice == "median" or _asks_for_sign(claim))
        }
    rows = [_row(study, name, kind, found) for name, kind in stated.items()]
    moved = sum(row["changes"] > 0 for row in rows)
    note = (
        f"Verdicts of the {len(rows)} claims about errors that have one, with one choice changed at a time; {moved} of "
        "them have another verdict under some choice. Means are those that decide in `paper_against_ours`; where a "
        "choice changes errors, they are predicted anew from the populations of the claims. Logarithms and P(better) "
        "keep only the sign of a difference, and stand where a claim asks for it; medians and P(better) have limits at "
        f"the error of the stated verdicts. Level {100 * study.level:g} %, {study.resamples:,} resamples, seed "
        f"{study.seed}."
    )
    return present(pd.DataFrame(rows), study.title, note, COLUMNS)


def _is_about_errors(settings: Mapping) -> bool:
    """Whether a claim is measured on errors of populations alone."""
    return bool(settings.get("populations")) and settings.get("value", "error") == "error" and "values" not in settings


def _asks_for_sign(claim: Claim) -> bool:
    """Whether a claim's range is all differences above 0, or all below."""
    return (claim.low, claim.high) in ((0, np.inf), (-np.inf, 0))


def _changed(study: Study, change: Callable[[Curve], Curve]) -> Study:
    """The study with all populations changed, and predictions of their own."""
    panels = {name: [change(curve) for curve in curves] for name, curves in study.panels.items()}
    return replace(study, panels=panels, predictions=None)


def _verdicts(study: Study, known: Mapping[str, Finding], names: Iterable[str]) -> dict[str, str]:
    """The verdicts on some claims of a study, which are measured anew; of all others is taken what is known."""
    names = list(names)
    table = claims_table(study, {**known, **findings_of(study, names)}).set_index("name")
    return {name: table.loc[name, "verdict"] for name in names}


def _row(study: Study, name: str, stated: str, found: dict[str, dict[str, str]]) -> Row:
    kinds = {choice: found[choice][name] for choice in CHOICES if name in found[choice]}
    row: Row = {"name": name, "stated": stated} | kinds
    row |= {"changes": sum(kind != stated for kind in kinds.values()), "tried": len(kinds)}
    return row | study.resampling.columns()


# ---- Other measures of a difference ----------------------------------------------------------------------------------


def _of_pairs(
    study: Study, claim: Claim, interval: Callable[[np.ndarray, np.ndarray, Resampling], Interval], error: float
) -> str:
    """The verdict of a claim of differences by another measure, each limit at an error.

    The smallest of several has the smallest limits, of which the upper ones share the error.
    """
    samples = [curve.errors for curve in study.panels[claim.name]]
    if min(map(len, samples)) < ENOUGH:
        return UNDECIDED
    half = len(samples) // 2
    pairs = list(zip(samples, samples[1:], strict=False))
    if claim.quantity == "smallest_difference":
        pairs = list(zip(samples[:half], samples[half:], strict=True))
    at_error, shared = (study.resampling.at(1 - 2 * e) for e in (error, error / len(pairs)))
    low = min(interval(*pair, at_error).low for pair in pairs)
    return of_limits(claim, low, min(interval(*pair, shared).high for pair in pairs))


def _medians(worse: np.ndarray, better: np.ndarray, resampling: Resampling) -> Interval:
    """The difference of medians, with a BCa interval."""

    def difference(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
        return np.median(a, axis) - np.median(b, axis)

    ((low, high),) = bca_limits((worse, better), difference, [resampling.level], resampling)
    return Interval(float(difference(worse, better, 0)), low, high, resampling.level)


def _superiority(worse: np.ndarray, better: np.ndarray, resampling: Resampling) -> Interval:
    """By how much the probability that the better network is the better one exceeds a half."""
    found = superiority(better, worse, resampling.level)
    return Interval(found.estimate - 0.5, found.low - 0.5, found.high - 0.5, found.level)
