"""Equivalence of two populations: what can be said for "no difference", and what could have been seen.

A difference that is not significant is no proof of equality. Two one-sided tests (TOST) ask the question the other way
round: is the difference surely smaller than a margin below which it does not matter? Both answers come from intervals
of the difference, so that each pair gets one of four verdicts by rule.

Sources: Schuirmann 1987 and Lakens 2017 (TOST); Montiel Olea and Plagborg-Moeller 2019 (simultaneous sup-t bands).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import nctdtrinc
from statsmodels.stats.weightstats import ttost_ind

from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, check_level, satterthwaite
from netspaces.statistics.means import sum_of_means
from netspaces.statistics.resampling import SMALLEST_SE, drawn_rows
from netspaces.statistics.samples import finite_sample

POWER = 0.8  # with which a difference counts as one that could have been seen
ENOUGH = 16  # networks of each population, without which there is no verdict on means (as for claims)
ENOUGH_QUANTILES = 24  # the same for quantiles: with fewer the bands hold less often than they say
SHARES = np.round(np.linspace(0.05, 0.95, 37), 3)  # of networks, at which quantiles are compared
BEST = 0.05  # the share of networks that counts as the best
EQUIVALENT, DIFFERENT, BOTH, UNDECIDED = "equivalent", "different", "different, within the margin", "undecided"


def verdict(margin: float, difference: Interval, equivalence: Interval) -> str:
    """What two intervals of a difference say: one at the level of the difference test, one at that of the TOST.

    Equivalent: wholly within the margin; different: without 0; both; or undecided, which is neither.
    """
    if math.isnan(difference.low):
        return UNDECIDED
    within = -margin < equivalence.low and equivalence.high < margin
    apart = difference.low > 0 or difference.high < 0
    if within and apart:
        return BOTH
    if within:
        return EQUIVALENT
    return DIFFERENT if apart else UNDECIDED


def smallest_margin(equivalence: Interval) -> float:
    """The margin above which the interval would have shown equivalence, percent."""
    return max(abs(equivalence.low), abs(equivalence.high))


# ---- Means -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MeanComparison:
    """Difference and equivalence of two means, errors in percent; limits and verdict are for all pairs at once."""

    difference: Interval  # mean of a minus mean of b, at the level of the difference test
    equivalence: Interval  # the same at the level of the two one-sided tests
    margin: float
    verdict: str
    p_equivalence: float  # TOST by Welch's t, for this pair alone: the larger p of its two tests
    p_not_worse: float  # the one of them that asks whether b is worse than a by less than the margin
    detectable: float  # true difference that the difference test would have found with probability POWER
    provable: float  # margin within which TOST would have shown two equal means with probability POWER
    n_a: int
    n_b: int


def compare_means(
    a: ArrayLike,
    b: ArrayLike,
    margin: float = 1.0,
    pairs: int = 1,
    level: float = 0.95,
) -> MeanComparison:
    """Whether two mean errors differ, and whether they differ by less than a margin.

    Each interval is the wider of Welch's, which is too sure where few networks of one population diverge, and of the
    BCa bootstrap's, which is where there are few networks; both without resamples (`means`), so that no seed decides.
    With 1 - level = a, the difference test is one of level a, TOST one of level a for each side, so that its interval
    has the confidence 1 - 2a. NaN limits below `ENOUGH` networks.

    Parameters
    ----------
    a, b : (n_a,), (n_b,) errors in percent, two or more.
    margin : percentage points of error that do not matter, above 0.
    pairs : that are compared at once (Bonferroni): each test is made at (1 - level) / pairs.
    level : at which all tests hold together.

    Raises
    ------
    ValueError : for fewer than two or other than finite errors, a margin or level out of range.
    """
    a, b = finite_sample(a, "a", at_least=2), finite_sample(b, "b", at_least=2)
    alpha = (1 - check_level(level)) / pairs
    if not 0 < alpha < 0.5 or margin <= 0:
        raise ValueError(f"level, margin: expected (1 - level) / pairs below 0.5, a margin > 0, got {level}, {margin}")
    difference, equivalence = _intervals(a, b, [1 - alpha, 1 - 2 * alpha])
    error, freedom = _welch(a, b)
    p_equivalence = p_not_worse = detectable = provable = math.nan
    if error > SMALLEST_SE:
        p_equivalence, (_, p_not_worse, _), _ = ttost_ind(a, b, -margin, margin, usevar="unequal")
        detectable, provable = detectable_difference(error, freedom, alpha), provable_margin(error, freedom, alpha)
    return MeanComparison(
        difference=difference,
        equivalence=equivalence,
        margin=margin,
        verdict=verdict(margin, difference, equivalence),
        p_equivalence=float(p_equivalence),
        p_not_worse=float(p_not_worse),
        detectable=detectable,
        provable=provable,
        n_a=a.size,
        n_b=b.size,
    )


def _intervals(a: np.ndarray, b: np.ndarray, levels: Sequence[float]) -> list[Interval]:
    """The interval of a difference of means, per level."""
    estimate = float(a.mean() - b.mean())
    if min(a.size, b.size) < ENOUGH:
        return [replace(Interval.unknown(level), estimate=estimate) for level in levels]
    if np.ptp(a) == np.ptp(b) == 0:
        return [Interval.point(estimate, level) for level in levels]
    of = sum_of_means([a, b], [1.0, -1.0])
    return [of.interval(level) for level in levels]


def _welch(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Standard error of the difference of means, and Welch's degrees of freedom."""
    return satterthwaite([x.var(ddof=1) / x.size for x in (a, b)], [x.size - 1 for x in (a, b)])


# ---- Power -----------------------------------------------------------------------------------------------------------


def detectable(a: ArrayLike, b: ArrayLike, level: float = 0.95, power: float = POWER) -> float:
    """True difference of means, percent, that Welch's test of two such populations finds with probability `power`."""
    a, b = finite_sample(a, "a", at_least=2), finite_sample(b, "b", at_least=2)
    error, freedom = _welch(a, b)
    return detectable_difference(error, freedom, 1 - level, power)


def detectable_difference(error: float, freedom: float, alpha: float = 0.05, power: float = POWER) -> float:
    """True difference of means that a two-sided t test of level `alpha` finds with probability `power`.

    Parameters: `error` the standard error of the difference, `freedom` its degrees of freedom. The test's wrong side,
    which such a difference hardly ever reaches, is left out.
    """
    return error * _noncentrality(stats.t.isf(alpha / 2, freedom), freedom, power)


def provable_margin(error: float, freedom: float, alpha: float = 0.05, power: float = POWER) -> float:
    """Margin within which TOST of level `alpha` shows the equivalence of equal means with probability `power`.

    As for `detectable_difference`. Both one-sided tests must reject: each may fail with probability (1 - power) / 2.
    """
    return error * _noncentrality(stats.t.isf(alpha, freedom), freedom, 1 - (1 - power) / 2)


def _noncentrality(critical: float, freedom: float, power: float) -> float:
    """Noncentrality of the t distribution that lies above `critical` with probability `power`."""
    return float(nctdtrinc(freedom, 1 - power, critical))


# ---- Quantiles -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class QuantileDifferences:
    """Quantiles of a minus quantiles of b with a simultaneous band; arrays (k,), one per share, errors in percent."""

    shares: np.ndarray  # of networks, ascending
    difference: np.ndarray
    low: np.ndarray  # the band holds all true differences at once with probability `level`
    high: np.ndarray
    below_a: np.ndarray  # networks of a that are at least as good as the quantile: what it rests on at the good end
    below_b: np.ndarray
    level: float
    critical: float  # half-width of the band in standard errors
    resamples: int

    @property
    def half_width(self) -> np.ndarray:
        """Of the band, percent."""
        return (self.high - self.low) / 2

    def detectable(self, power: float = POWER) -> np.ndarray:
        """True differences that would have left the band with probability `power`, had they been the only ones, (k,).

        Approximate: quantiles as normal, with the resamples' standard errors.
        """
        return self.half_width * (1 + stats.norm.ppf(power) / self.critical)

    def provable(self, power: float = POWER) -> np.ndarray:
        """Margins that would have held the band of equal populations with probability `power`, share by share, (k,)."""
        return self.half_width * (1 + stats.norm.ppf((1 + power) / 2) / self.critical)

    def at(self, share: float) -> Interval:
        """The difference at one of the shares, with the band there."""
        (place,) = np.flatnonzero(np.isclose(self.shares, share))
        estimate, low, high = (float(values[place]) for values in (self.difference, self.low, self.high))
        return Interval(estimate, low, high, self.level)


def quantile_differences(
    a: ArrayLike,
    b: ArrayLike,
    resampling: Resampling = DEFAULT,
    shares: ArrayLike = SHARES,
) -> QuantileDifferences:
    """Differences of all quantiles of two populations at once: where the good, the middling and the bad ones differ.

    A quantile is the smallest error that at least a share p of the networks do not exceed (no interpolation). Networks
    of both populations are drawn anew; the band is the difference +- c standard errors of its resamples, c being the
    quantile `level` of the largest studentised deviation over all shares (sup-t). NaN limits below
    `ENOUGH_QUANTILES` networks.

    Parameters
    ----------
    a, b : (n_a,), (n_b,) errors in percent, two or more.
    shares : (k,) in (0, 1).
    """
    a, b = (np.sort(finite_sample(x, name, at_least=2)) for x, name in ((a, "a"), (b, "b")))
    level, resamples, shares = resampling.level, resampling.resamples, np.asarray(shares, float)
    if not ((shares > 0) & (shares < 1)).all():
        raise ValueError(f"shares: expected numbers in (0, 1), got {shares}")
    places = [_places(shares, x.size) for x in (a, b)]
    difference, (below_a, below_b) = a[places[0]] - b[places[1]], (place + 1 for place in places)
    low = high = np.full(shares.size, math.nan)
    critical = math.nan
    if min(a.size, b.size) >= ENOUGH_QUANTILES:
        rng = resampling.generator()
        drawn_a, drawn_b = (_resampled(x, place, resamples, rng) for x, place in zip((a, b), places, strict=True))
        deviations = drawn_a - drawn_b - difference
        errors = np.maximum(deviations.std(axis=0), SMALLEST_SE)
        critical = float(np.quantile(np.abs(deviations / errors).max(axis=1), level))
        low, high = difference - critical * errors, difference + critical * errors
    return QuantileDifferences(
        shares=shares,
        difference=difference,
        low=low,
        high=high,
        below_a=below_a,
        below_b=below_b,
        level=level,
        critical=critical,
        resamples=resamples,
    )


def _places(shares: np.ndarray, n: int) -> np.ndarray:
    """Where quantiles lie among n sorted errors: the smallest i with (i + 1) / n >= share."""
    return np.ceil(n * shares - 1e-9).astype(int).clip(1, n) - 1


def _resampled(x: np.ndarray, places: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Quantiles of resamples of sorted errors, (resamples, k)."""
    parts = []
    for drawn in drawn_rows(x.size, x.size, resamples, rng):
        drawn.partition(np.unique(places), axis=1)  # order of indices is order of errors
        parts.append(x[drawn[:, places]])
    return np.concatenate(parts)
