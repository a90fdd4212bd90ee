"""Verdicts on a list of claims: by p values, so that the whole list errs as seldom as it says.

Either a quantity lies in a claim's range or it does not: of "confirmed" and "contradicted" only one can be wrong, and
each claim has two p values. A claim is

* confirmed at an error if both one-sided limits lie within the range, each at that error (two one-sided tests);
* contradicted if the limits lie beyond one edge; the two edges of a closed range share the error as far as both count.

Two verdicts come from the smaller of the two: *sure* ones by Holm's rule, of which any is wrong with at most the error
of the list, and *likely* ones by the rule of Benjamini and Hochberg, of which that share is wrong on average. Claims
that are counted exactly, or not measured here, are no part of the family.

Sources: Holm 1979, and Shaffer 1980 for verdicts of two directions; Benjamini and Hochberg 1995; Benjamini and
Yekutieli 2005 for limits of selected claims.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Interval
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED, UNDECIDED, Claim, Finding

POWER = 0.8  # with which a claim would be decided by so many networks as are wanted, if the estimate were the truth
MOST = 1_000_000  # networks of each population, beyond which none would decide a claim
NEVER = "none"  # no number of networks decides a claim at the observed effect


@dataclass(frozen=True)
class Evidence:
    """p values of a claim: that its quantity lies outside of its range all the same, and that it lies inside."""

    confirmed: float
    contradicted: float

    @property
    def p(self) -> float:
        """The smaller one, which decides."""
        return min(self.confirmed, self.contradicted)

    def verdict(self, error: float) -> str:
        """What it says where an error is allowed."""
        if self.p > error:
            return UNDECIDED
        return CONFIRMED if self.confirmed < self.contradicted else CONTRADICTED


@dataclass(frozen=True)
class Decision:
    """What a list says of one of its claims. Of claims without limits, or known exactly, p values are NaN.

    `sure_limits` and `likely_limits` are those that both verdicts look at: each limit has a one-sided error of its own.
    `shown` is the nearest range of the claim's form that the limits do show, `wanted` the number of networks of each
    population that would decide the claim surely with a probability of POWER; both are empty where it is decided.
    """

    sure: str
    likely: str
    evidence: Evidence
    p_sure: float
    p_likely: float
    sure_limits: Interval
    likely_limits: Interval
    shown: str
    wanted: str


def evidence(claim: Claim, confidence: Confidence) -> Evidence:
    """Both p values of a claim; exact values have 0 or 1."""
    sides = [confidence.p_below(claim.low)] if math.isfinite(claim.low) else []
    sides += [confidence.p_above(claim.high)] if math.isfinite(claim.high) else []
    beyond = [1.0]
    if math.isfinite(claim.low):
        other = confidence.p_not_below(claim.high) if math.isfinite(claim.high) else 0.0
        beyond.append(confidence.p_not_below(claim.low) + other)
    if math.isfinite(claim.high):
        other = confidence.p_not_above(claim.low) if math.isfinite(claim.low) else 0.0
        beyond.append(confidence.p_not_above(claim.high) + other)
    return Evidence(max(sides, default=0.0), min(beyond))


def decide(claims: Sequence[Claim], findings: Sequence[Finding], level: float = 0.95) -> list[Decision]:
    """The verdicts on a list of claims, whose family has the confidence `level`."""
    known = [finding.confidence for finding in findings]
    family = [i for i, of in enumerate(known) if of is not None and of.is_known and not of.is_exact]
    found = {i: evidence(claims[i], known[i]) for i in family}  # type: ignore[arg-type]
    rules = _rules([of.p for of in found.values()], 1 - level)
    adjusted = dict(zip(family, zip(rules.p_sure, rules.p_likely, strict=True), strict=True))
    decisions = []
    for i, (claim, finding) in enumerate(zip(claims, findings, strict=True)):
        if i in found:
            decisions.append(_decision(claim, finding, found[i], adjusted[i], rules))
        else:
            decisions.append(_outside(claim, finding, rules))
    return decisions


def alone(claim: Claim, finding: Finding, error: float) -> str:
    """The verdict on a claim at an error of its own."""
    confidence = finding.confidence
    if confidence is None or not confidence.is_known:
        return finding.absent
    if confidence.is_exact:
        return CONFIRMED if claim.low <= confidence.estimate <= claim.high else CONTRADICTED
    return evidence(claim, confidence).verdict(error)


def of_limits(claim: Claim, low: float, high: float) -> str:
    """What limits say of a claim: read off them, as a reader of the table does."""
    if claim.low <= low and high <= claim.high:
        return CONFIRMED
    return CONTRADICTED if high < claim.low or low > claim.high else UNDECIDED


# ---- Rules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rules:
    """Errors at which claims of a family are decided, and their adjusted p values."""

    sure_error: float
    likely_error: float
    p_sure: Sequence[float]
    p_likely: Sequence[float]


def _rules(p_values: Sequence[float], error: float) -> _Rules:
    """Holm's rule and that of Benjamini and Hochberg.

    What Holm decides has p values of at most error / (k - decided), and nothing else has: so all limits are shown at
    that error, and verdicts can be read off them.
    """
    if not p_values:
        return _Rules(error, error, (), ())
    from statsmodels.stats.multitest import multipletests  # here as in `statistics.intervals`

    k = len(p_values)
    sure, p_sure, _, _ = multipletests(p_values, error, method="holm")
    likely, p_likely, _, _ = multipletests(p_values, error, method="fdr_bh")
    sure_error = error / max(1, k - int(np.sum(sure)))
    return _Rules(sure_error, error * max(1, int(np.sum(likely))) / k, p_sure.tolist(), p_likely.tolist())


def _decision(claim: Claim, finding: Finding, of: Evidence, adjusted: tuple[float, float], rules: _Rules) -> Decision:
    assert finding.confidence is not None
    sure, likely = of.verdict(rules.sure_error), of.verdict(rules.likely_error)
    limits = finding.confidence.limits(rules.sure_error)
    undecided = sure == UNDECIDED
    return Decision(
        sure=sure,
        likely=likely,
        evidence=of,
        p_sure=adjusted[0],
        p_likely=adjusted[1],
        sure_limits=limits,
        likely_limits=finding.confidence.limits(rules.likely_error),
        shown=shown_range(claim, limits) if undecided else "",
        wanted=networks_wanted(claim, finding, limits) if undecided else "",
    )


def _outside(claim: Claim, finding: Finding, rules: _Rules) -> Decision:
    """Of a claim that is no part of the family."""
    confidence = Confidence.unknown() if finding.confidence is None else finding.confidence
    verdict = alone(claim, finding, rules.sure_error)
    return Decision(
        sure=verdict,
        likely=verdict,
        evidence=Evidence(math.nan, math.nan),
        p_sure=math.nan,
        p_likely=math.nan,
        sure_limits=confidence.limits(rules.sure_error),
        likely_limits=confidence.limits(rules.likely_error),
        shown="",
        wanted=str(finding.least) if finding.least else "",
    )


# ---- What an undecided claim says ------------------------------------------------------------------------------------


def shown_range(claim: Claim, limits: Interval) -> str:
    """The nearest range of a claim's form that limits lie in, such as "within ±20.7" for one about 0."""
    if claim.low == -claim.high:
        return f"within ±{max(abs(limits.low), abs(limits.high)):.3g}"
    if math.isinf(claim.low):
        return f"≤ {limits.high:.3g}"
    return f"≥ {limits.low:.3g}" if math.isinf(claim.high) else f"{limits.low:.3g} to {limits.high:.3g}"


def networks_wanted(claim: Claim, finding: Finding, limits: Interval) -> str:
    """How many networks of each population would decide a claim with a probability of POWER, or NEVER.

    The estimate is taken for the truth, and limits to come nearer to it as one over the square root of n.
    """
    from scipy import stats  # here as in `statistics.intervals`

    if not finding.n:
        return ""  # published models have no more networks
    error = 1 - limits.level
    ratio = 1 + float(stats.norm.ppf(POWER) / stats.norm.isf(error))
    estimate, below, above = limits.estimate, limits.estimate - limits.low, limits.high - limits.estimate
    if estimate < claim.low:
        needed = [(above, claim.low - estimate)]
    elif estimate > claim.high:
        needed = [(below, estimate - claim.high)]
    else:
        needed = [(below, estimate - claim.low), (above, claim.high - estimate)]
    factors = [(ratio * reach / distance) ** 2 if distance * MOST > reach else math.inf for reach, distance in needed]
    wanted = max(factors) * min(finding.n)
    return NEVER if not wanted <= MOST else str(math.ceil(wanted))
