"""The paper's claims against this run: a row per claim, what was measured, and a verdict by rule."""

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from netspaces.statistics.widths_fit import grid_for
from netspaces.studies.claims.bootstrap import TIMES
from netspaces.studies.claims.claim import (
    CONFIRMED,
    CONTRADICTED,
    NO_CHOICE,
    NOT_COMPUTABLE,
    NOT_MEASURED,
    VERDICTS,
    Claim,
    Finding,
)
from netspaces.studies.claims.models import measure_models
from netspaces.studies.claims.populations import ENOUGH, measure
from netspaces.studies.claims.verdicts import Decision, decide
from netspaces.studies.study import Curve, Row, Study, count_text, with_time
from netspaces.tables.style import NOTHING, Column, present
from netspaces.tables.summaries.regression_estimates import known_columns, regression_note

COLUMNS = {
    "chapter": Column("the part of the paper", "chapter"),
    "claim": Column("what it says", "claim"),
    "source": Column("where it says so", "source"),
    "published": Column("the paper's own number, as text", "paper"),
    "estimate": Column("the quantity here; in percentage points for differences of errors", "here", "number"),
    "low": Column(
        "lower limit that the verdict looks at, of the one-sided confidence `level`; empty where nothing is sure",
        "low",
        "number",
    ),
    "high": Column("upper limit that the verdict looks at, as `low`", "high", "number"),
    "range": Column("the range that bears the claim out, in words", "bears it out"),
    "n": Column(
        "networks per population with a run and a value, of how many planned; 0 for one that is not in the run; "
        "empty for claims on models",
        "n",
    ),
    "p": Column(
        "p value of the verdict: the smaller of `p_confirmed` and `p_contradicted`; empty for claims that are counted "
        "exactly or have no limits",
        "p",
        "p",
    ),
    "verdict": Column(
        "surely, at the error of the whole list (Holm over `family`): `confirmed`: both limits lie in the range; "
        "`contradicted`: they lie beyond one of its ends; `undecided`: neither; "
        "`no choice`: the best networks could not have been other than they are; `no runs`: a population has fewer "
        "than two; `not measured`: published models without a measurement here, "
        "or a claim that no run measures; `not computable`: the quantity has no value here, for the reason given",
        "verdict",
    ),
    "likely": Column(
        "the same by the rule of Benjamini and Hochberg: of what is decided so, a share of 1 minus the level errs on "
        "average",
        "likely",
    ),
    "decides": Column(
        "of means of errors with predictions: the estimate that `here` and the verdict are of, `plain` or `regression`",
        "mean",
    ),
    "shown": Column("of undecided claims: the nearest range of the same form that the limits do show", "shown"),
    "n_wanted": Column(
        "of undecided claims: networks of each population that would decide surely with a probability of 80 %, were "
        "the estimate the truth; `none` where no number does; the least number that limits need, where there are too "
        "few",
        "n wanted",
    ),
    "reason": Column("why there is no measurement or no interval, or what it rests on", "because"),
    "name": Column("name of the claim"),
    "quantity": Column("its quantity"),
    "value": Column("the quantity's value of a network"),
    "populations": Column("names of the populations that are part of the run"),
    "models": Column("the models, lists of them between `;`"),
    "range_low": Column("lower end of the range (`-inf` for an open end)"),
    "range_high": Column("upper end of the range (`inf` for an open end)"),
    "p_confirmed": Column("p value of the null that the quantity lies outside the range"),
    "p_contradicted": Column("p value of the null that the quantity lies in the range"),
    "p_sure": Column("`p`, adjusted by Holm over the family"),
    "p_likely": Column("`p`, adjusted by Benjamini and Hochberg over the family"),
    "likely_low": Column("lower limit that `likely` looks at, of the one-sided confidence `likely_level`"),
    "likely_high": Column("upper limit that `likely` looks at"),
    "plain": Column("the quantity of plain means, where there are predictions"),
    "plain_low": Column("its lower limit at `level`"),
    "plain_high": Column("its upper limit at `level`"),
    "regression": Column("the quantity of regression estimates, where there are predictions"),
    "regression_low": Column("its lower limit at `level`"),
    "regression_high": Column("its upper limit at `level`"),
    "level": Column("one-sided confidence of `low` and of `high`"),
    "likely_level": Column("one-sided confidence of `likely_low` and of `likely_high`"),
    "family": Column("claims of the list with limits, over which p values are adjusted"),
    "claims": Column("number of claims of the list"),
    "resamples": Column("resamples that the limits rest on; 0 where they are computed without"),
    "seed": Column("seed of the resamples"),
}
UNTRAINED = True


def make(study: Study) -> pd.DataFrame:
    """A row per claim, in the order of the file, also of those without runs."""
    columns = known_columns(study, COLUMNS)
    table = claims_table(study).reindex(columns=list(columns))
    note = f"{counts_note(table)} {intervals_note(study)} {means_note(study)}The paper's numbers are for ImageNet."
    return present(table, study.title, note, columns)


def findings_of(study: Study, names: Iterable[str]) -> dict[str, Finding]:
    """What this run says of some claims of a study, by name."""
    claims = {name: Claim.from_settings(name, study.claims[name], study.margin) for name in names}
    planned = {name: len(study.claims[name].get("populations", ())) for name in claims}
    return {name: _finding(study, claim, study.panels.get(name, []), planned[name]) for name, claim in claims.items()}


def claims_table(study: Study, known: Mapping[str, Finding] | None = None) -> pd.DataFrame:
    """A row per claim of a study, in their order; what is `known` of some is not measured again."""
    known = known or {}
    claims = [Claim.from_settings(name, settings, study.margin) for name, settings in study.claims.items()]
    planned = [len(settings.get("populations", ())) for settings in study.claims.values()]
    measured = findings_of(study, [name for name in study.claims if name not in known]) | dict(known)
    findings = [measured[name] for name in study.claims]
    decisions = decide(claims, findings, study.level)
    rows = [_row(study, *of) for of in zip(claims, findings, decisions, planned, strict=True)]
    return pd.DataFrame(rows).assign(family=sum(not np.isnan(of.evidence.p) for of in decisions))


def counts_note(table: pd.DataFrame) -> str:
    """How many of some claims have which verdict, and what the verdicts mean."""
    counts = {kind: (table["verdict"] == kind).sum() for kind in VERDICTS}
    unusual = (NO_CHOICE, NOT_COMPUTABLE)
    counted = ", ".join(f"{n} {kind}" for kind, n in counts.items() if n or kind not in unusual)
    likely = ", ".join(f"{(table['likely'] == kind).sum()} {kind}" for kind in (CONFIRMED, CONTRADICTED))
    return (
        f"Of {len(table)} claims: {counted}; likely: {likely}. Confirmed: the limits lie in the range that bears the "
        "claim out; contradicted: beyond one end of it; otherwise undecided at this n."
    )


def intervals_note(study: Study) -> str:
    """What the limits of a study's claims are."""
    error = 100 * (1 - study.level)
    return (
        f"Verdict: any of them is wrong with a probability of at most {error:.3g} % (Holm over the claims that are "
        f"measured with limits); likely: of these, {error:.3g} % are wrong on average (Benjamini and Hochberg). Limits "
        "are those that the verdict looks at, each with its own one-sided error: BCa bootstrap, of means the wider of "
        f"that, without resamples, and Welch's; of others up to {TIMES * study.resamples:,} resamples, seed "
        f"{study.seed}; of errors of published weights Newcombe's over images. The best: of 8 networks, of a quarter "
        f"if that is less. No limits below {ENOUGH} runs. n: networks per population; n wanted: to decide surely with "
        "a probability of 80 %, if the estimate were the truth. Errors in percent, top-1."
    )


def means_note(study: Study) -> str:
    """Which estimate of means decides, by the rule of the configuration; empty where nothing is predicted."""
    return f"{regression_note(study)} " if study.regression.predicted else ""


def _row(study: Study, claim: Claim, finding: Finding, decision: Decision, planned: int) -> dict:
    curves, limits, likely = study.panels.get(claim.name, []), decision.sure_limits, decision.likely_limits
    row: Row = {
        "chapter": claim.chapter,
        "claim": claim.statement,
        "source": claim.source,
        "published": claim.published,
    }
    row |= {"estimate": limits.estimate, "low": limits.low, "high": limits.high, "level": limits.level}
    row |= {"range": _range(claim), "range_low": claim.low, "range_high": claim.high, "name": claim.name}
    row |= {"quantity": claim.quantity, "value": ", ".join([*(claim.values or [claim.value]), *claim.against])}
    row |= {"populations": " ".join(c.population for c in curves), "n": _runs(curves, planned, finding)}
    row |= {"models": "; ".join(" ".join(models) for models in claim.models)}
    row |= {"claims": len(study.claims), "resamples": finding.resamples, "seed": study.seed}
    row |= {"p": decision.evidence.p, "p_sure": decision.p_sure, "p_likely": decision.p_likely}
    row |= {"p_confirmed": decision.evidence.confirmed, "p_contradicted": decision.evidence.contradicted}
    row |= {"likely_low": likely.low, "likely_high": likely.high, "likely_level": likely.level}
    row |= _both_means(finding, limits.level)
    row |= {"verdict": decision.sure, "likely": decision.likely}
    return row | {"shown": decision.shown, "n_wanted": decision.wanted, "reason": finding.reason}


def _both_means(finding: Finding, level: float) -> Row:
    """Both estimates of a quantity of means, at the level that the verdict looks at; nothing of other quantities."""
    if finding.plain is None or finding.regression is None or not 0.5 <= level < 1:
        return {}
    row: Row = {"decides": "regression" if finding.confidence is finding.regression else "plain"}
    for name, confidence in (("plain", finding.plain), ("regression", finding.regression)):
        limits = confidence.limits(1 - level)
        row |= {name: limits.estimate, f"{name}_low": limits.low, f"{name}_high": limits.high}
    return row


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
        return measure_models(claim, study.published, study.inputs)
    if len(curves) < planned:
        which = "the population is" if planned == 1 else f"{planned - len(curves)} of {planned} populations are"
        return Finding(None, f"{which} no part of this run")
    curves = [replace(curve, table=with_time(curve, study.inputs)) for curve in curves]
    definitions = {curve.space: study.definitions.get(curve.space, {}) for curve in curves}
    grid = grid_for(definitions, [curve.table for curve in curves])
    return measure(claim, curves, grid, study.resampling, definitions, study.regression)


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
