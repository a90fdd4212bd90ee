"""BCa limits at any level: of weighted sums of means without drawing a resample, and of resampled values.

A sum of means of resampled networks is a sum of independent terms whose cumulants are known, so the saddlepoint
approximation gives its bootstrap distribution, far into the tails, to about a hundredth of what resamples would have
to agree on: no random numbers, and so no verdict that another seed would change.

Sources: Efron 1987 (BCa); Davison and Hinkley 1988 (saddlepoints instead of resamples); Lugannani and Rice 1980 and
Barndorff-Nielsen 1986 (the tail formula).
"""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.resampling import rows_at_once

FARTHEST = 9.0  # standard deviations of the normal scale, up to which tails are computed
GRID = np.geomspace(0.05, 400, 160)  # saddlepoints, in units of one over the standard error
LEAST_DENOMINATOR = 0.05  # of BCa's acceleration: beyond it the limit is that of the largest resamples


def weighted_means(samples: Sequence[np.ndarray], weights: Sequence[float]) -> Confidence:
    """A sum of means, each times its weight, with the BCa limits of infinitely many resamples within each sample.

    Parameters
    ----------
    samples : (n_k,) values each, two or more.
    weights : of the means, (k,).
    """
    estimate = float(sum(w * x.mean() for w, x in zip(weights, samples, strict=True)))
    terms = [w * (x - x.mean()) / x.size for w, x in zip(weights, samples, strict=True)]
    square, cube = (sum(float((t**power).sum()) for t in terms) for power in (2, 3))
    if square <= (1e-12 * (1 + abs(estimate))) ** 2:
        return Confidence.point(estimate)
    acceleration = cube / square**1.5 / 6
    error = np.sqrt(square)
    values, normal = _saddlepoints([t / error for t in terms])
    bias = float(np.interp(0.0, values, normal))
    return _bca(estimate, estimate + error * values, normal, bias, acceleration)


def resampled(estimate: float, values: np.ndarray, influence: Sequence[np.ndarray]) -> Confidence:
    """BCa limits of a statistic from its resampled values; NaN where so many of these are NaN that there is no limit.

    Parameters
    ----------
    values : (resamples,); a NaN counts as beyond both limits.
    influence : (n_k,) of each sample: n - 1 times what leaving a network out takes from the statistic.
    """
    from scipy.special import ndtri

    known = np.sort(values[~np.isnan(values)])
    missing = values.size - known.size
    if not known.size or known[0] == known[-1]:
        return Confidence.point(estimate) if known.size and not missing else Confidence.unknown(estimate)
    below = (np.searchsorted(known, estimate, "left") + np.searchsorted(known, estimate, "right")) / 2
    bias = float(ndtri(np.clip(below / known.size, 0.5 / known.size, 1 - 0.5 / known.size)))
    parts = [i / i.size for i in influence]
    square, cube = (sum(float((p**power).sum()) for p in parts) for power in (2, 3))
    acceleration = cube / square**1.5 / 6 if square > 0 else 0.0
    shares = (np.arange(known.size) + 0.5) / known.size
    confidence = _bca(estimate, known, ndtri(shares), bias, acceleration)
    if not missing:
        return confidence
    lost = missing / values.size

    def limit(of, error: float) -> float:
        return of((error - lost) / (1 - lost)) if error > lost else float("nan")

    return Confidence(estimate, lambda e: limit(confidence.lower, e), lambda e: limit(confidence.upper, e))


def _bca(estimate: float, values: np.ndarray, normal: np.ndarray, bias: float, acceleration: float) -> Confidence:
    """Limits from a distribution: its values (k,), ascending, and their places on the normal scale (k,)."""
    from scipy.special import ndtri

    def limit(z: float) -> float:
        moved = bias + z
        place = bias + moved / max(1 - acceleration * moved, LEAST_DENOMINATOR)
        return float(np.interp(place, normal, values))

    return Confidence(estimate, lambda error: limit(float(ndtri(error))), lambda error: limit(-float(ndtri(error))))


def _saddlepoints(terms: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Values of a standardised sum of resampled terms and their places on the normal scale, both ascending.

    Each sample's terms (n_k,) have mean 0; n_k of them are drawn. The place of a value x is r + log(u / r) / r, with
    r = +-sqrt(2 (s x - K(s))) and u = s sqrt(K''(s)) at the saddlepoint s, where K'(s) = x.
    """
    s = np.r_[-GRID[::-1], GRID]
    cumulant, first, second = np.sum([_cumulants(s, x) for x in terms], axis=0)
    r = np.sign(s) * np.sqrt(np.maximum(2 * (s * first - cumulant), 0))
    u = s * np.sqrt(second)
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = r + np.log(u / r) / r
    good = np.isfinite(normal) & (np.abs(r) < FARTHEST)
    values, normal, upper = first[good], normal[good], s[good] > 0
    ahead = np.r_[_farther(-normal[~upper][::-1])[::-1], _farther(normal[upper])]
    return values[ahead], normal[ahead]


def _farther(normal: np.ndarray) -> np.ndarray:
    """Which places (k,), from the middle outwards, lie beyond all before them.

    The others are rounding or, of few values, where the approximation ends: at the largest sums that there are.
    """
    return normal >= np.maximum.accumulate(normal)


def _cumulants(s: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The cumulant function of n draws from x (n,) at s (k,), and its first and second derivative, (3, k)."""
    parts = []
    for some in np.array_split(s, max(1, s.size // rows_at_once(4 * x.size))):
        exponents = np.outer(some, x)
        highest = exponents.max(axis=1, keepdims=True)
        tilted = np.exp(exponents - highest)
        total = tilted.sum(axis=1)
        mean = tilted @ x / total
        variance = np.maximum(tilted @ x**2 / total - mean**2, 0)
        parts.append(x.size * np.array([highest[:, 0] + np.log(total / x.size), mean, variance]))
    return np.concatenate(parts, axis=1)
