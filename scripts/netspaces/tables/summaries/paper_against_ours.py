"""The paper's claims against this run: a row per claim, what was measured, and a verdict by rule."""

import traceback
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from netspaces.statistics.intervals import Interval
from netspaces.statistics.widths_fit import grid_for
from netspaces.studies.claims.claim import NOT_COMPUTABLE, NOT_MEASURED, VERDICTS, Claim, Finding, verdict
from netspaces.studies.claims.models import measure_models
from netspaces.studies.claims.populations import ENOUGH, measure
from netspaces.studies.study import Curve, Row, Study, count_text, with_time
from netspaces.tables.style import NOTHING, Column, present

COLUMNS = {
    "chapter": Column("the part of the paper", "chapter"),
    "claim": Column("what it says", "claim"),
    "source": Column("where it says so", "source"),
    "published": Column("the paper's own number, as text", "paper"),
    "estimate": Column("the quantity here; in percentage points for differences of errors", "here", "number"),
    "low": Column(
        "lower end of its interval, which holds for all claims of the list at once; for `speed_ratio` of quotients of "
        "quartiles; empty where n is too small for one",
        "low",
        "number",
    ),
    "high": Column("upper end of its interval, as `low`", "high", "number"),
    "range": Column("the range that bears the claim out, in words", "bears it out"),
    "n": Column(
        "networks per population with a run and a value, of how many planned; 0 for one that is not in the run; "
        "empty for claims on models",
        "n",
    ),
    "verdict": Column(
        "`confirmed`: the interval lies wholly in the range; `contradicted`: wholly outside; `undecided`: neither; "
        "`no runs`: a population has fewer than two; `not measured`: published models without a measurement here, "
        "or a claim that no run measures; `not computable`: the quantity has no value here, for the reason given",
        "verdict",
    ),
    "reason": Column("why there is no measurement or no interval, or what it rests on", "because"),
    "name": Column("name of the claim"),
    "quantity": Column("its quantity"),
    "value": Column("the quantity's value of a network"),
    "populations": Column("names of the populations that are part of the run"),
    "models": Column("the models, lists of them between `;`"),
    "range_low": Column("lower end of the range (`-inf` for an open end)"),
    "range_high": Column("upper end of the range (`inf` for an open end)"),
    "level": Column("confidence of this interval alone"),
    "claims": Column("number of claims of the list"),
    "resamples": Column("resamples of the bootstrap"),
    "seed": Column("seed of the resamples"),
}


def make(study: Study) -> pd.DataFrame:
    """A row per claim, in the order of the file, also of those without runs."""
    table = claims_table(study).reindex(columns=list(COLUMNS))
    note = f"{counts_note(table)} {intervals_note(study)} The paper's numbers are for ImageNet."
    return present(table, study.title, note, COLUMNS)


def claims_table(study: Study) -> pd.DataFrame:
    """A row per claim of a study, in their order."""
    return pd.DataFrame([_row(study, name, settings) for name, settings in study.claims.items()])


def counts_note(table: pd.DataFrame) -> str:
    """How many of some claims have which verdict, and what the verdicts mean."""
    counts = {kind: (table["verdict"] == kind).sum() for kind in VERDICTS}
    counted = ", ".join(f"{n} {kind}" for kind, n in counts.items() if n or kind != NOT_COMPUTABLE)
    return (
        f"Of {len(table)} claims: {counted}. Confirmed: the interval lies wholly in the range that bears the claim "
        "out; contradicted: wholly outside; otherwise undecided at this n."
    )


def intervals_note(study: Study) -> str:
    """What the intervals of a study's claims are."""
    return (
        "Intervals hold together for all "
        f"{len(study.claims)} claims of the list at {100 * study.level:g} % (Bonferroni; BCa bootstrap, "
        f"{study.resamples:,} resamples, seed {study.seed}; of means the wider of that and Welch's; of errors of "
        "published weights Newcombe's over images). The best: of 8 networks, of a quarter if that is less. A ratio of "
        "times has quotients of quartiles. No interval below "
        f"{ENOUGH} runs. n: networks per population. Errors in percent, top-1."
    )


def _row(study: Study, name: str, settings: Mapping) -> dict:
    claim, curves = Claim.from_settings(name, settings, study.margin), study.panels.get(name, [])
    planned = len(settings.get("populations", ()))
    finding = _finding(study, claim, curves, planned)
    interval = finding.interval or Interval.unknown()
    row: Row = {
        "chapter": claim.chapter,
        "claim": claim.statement,
        "source": claim.source,
        "published": claim.published,
    }
    row |= {"estimate": interval.estimate, "low": interval.low, "high": interval.high, "level": interval.level}
    row |= {"range": _range(claim), "range_low": claim.low, "range_high": claim.high, "name": name}
    row |= {"quantity": claim.quantity, "value": ", ".join([*(claim.values or [claim.value]), *claim.against])}
    row |= {"populations": " ".join(c.population for c in curves), "n": _runs(curves, planned, finding)}
    row |= {"models": "; ".join(" ".join(models) for models in claim.models)}
    row |= {"claims": len(study.claims), "resamples": study.resamples, "seed": study.seed}
    return row | {"verdict": verdict(claim, finding), "reason": finding.reason}


def _finding(study: Study, claim: Claim, curves: list[Curve], planned: int) -> Finding:
    """What this run says of a claim; one that cannot be computed costs its own row and no other."""
    try:
        return _measured(study, claim, curves, planned)
    except Exception as error:  # a quantity may be a user's, and a population anybody's
        traceback.print_exc()
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        reason = str(error).removeprefix(claim.name).lstrip(".: ").partition("\n")[0]
        return Finding(None, f"{kind}{reason}", NOT_COMPUTABLE)


def _measured(study: Study, claim: Claim, curves: list[Curve], planned: int) -> Finding:
    """What this run says of a claim; raises whatever its quantity does."""
    if claim.unmeasured:
        return Finding(None, claim.unmeasured, NOT_MEASURED)
    if reason := _elsewhere(study, claim):
        return Finding(None, reason, NOT_MEASURED)
    if claim.models:
        return measure_models(claim, study.published, study.inputs, study.level, len(study.claims))
    if len(curves) < planned:
        which = "the population is" if planned == 1 else f"{planned - len(curves)} of {planned} populations are"
        return Finding(None, f"{which} no part of this run")
    curves = [replace(curve, table=with_time(curve, study.inputs)) for curve in curves]
    definitions = {curve.space: study.definitions.get(curve.space, {}) for curve in curves}
    grid = grid_for(definitions, [curve.table for curve in curves])
    return measure(claim, curves, grid, len(study.claims), study.resampling, definitions)


def _elsewhere(study: Study, claim: Claim) -> str:
    """Why a claim is about other images or another device than this run has; empty if it is not."""
    pixels = study.preset.get("dataset", {}).get("resolution", claim.resolution)
    if claim.resolution not in (0, pixels):
        return f"a number for images of {claim.resolution} pixels; here they have {pixels}"
    device = study.preset.get("device", claim.device)
    return f"times on {claim.device}; here they are measured on {device}" if claim.device not in ("", device) else ""


def _range(claim: Claim) -> str:
    """The range that bears a claim out, in few characters."""
    if claim.unmeasured:
        return NOTHING
    if np.isinf(claim.low):
        return f"≤ {claim.high:g}"
    return f"≥ {claim.low:g}" if np.isinf(claim.high) else f"{claim.low:g} to {claim.high:g}"


def _runs(curves: list[Curve], planned: int, finding: Finding) -> str:
    """How many networks of each population count, those of one number said once; 0 for one that is not in the run."""
    n = finding.n or [len(curve.table) for curve in curves]
    counts = [count_text(k, curve.planned) for k, curve in zip(n, curves, strict=True)]
    return ", ".join(dict.fromkeys([*counts, *["0"] * (planned > len(curves))]))
