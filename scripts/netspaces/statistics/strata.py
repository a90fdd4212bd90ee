"""Strata of a design space by predicted error, and how many networks to train in each: the design of two phases.

Many networks of a space are drawn and predicted, which costs nothing (the first phase). They are cut into strata by
their predicted errors, and in each stratum some are trained (the second phase): most where errors differ most, as in
the few per cent of a space that fail. Each network then has a known probability of being trained, so that the estimates
of `two_phase` are right on average however wrong predictions are; how right these are decides how much is gained.

Sources: Neyman 1938 (two phases); Neyman 1934 (allocation); Dalenius 1950 (the best limits of strata); Wright 2012
(whole numbers of units); Cochran 1977, sections 5A.7 and 12.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

LEAST = 2  # networks trained in a stratum: of fewer no spread is known
GUARD = 0.5  # of the networks that a stratum would get by its share: it gets as many in any case
LIMITS = 100  # quantiles of the predictions, among which limits of strata are chosen
NEAREST = 16  # trained networks of the most similar predictions, whose residuals tell the spread of one


@dataclass(frozen=True, eq=False)
class Stratum:
    """Networks of similar predicted errors, and how many of them are to be trained.

    Parameters
    ----------
    lowest : the predicted error from which on networks belong to it, percent; below, to the stratum before.
    members : (N_h,) places of its networks in the first phase, ascending.
    spread : the standard deviation that their errors are expected to have, percentage points.
    networks : how many of them are trained.
    """

    lowest: float
    members: np.ndarray
    spread: float
    networks: int

    @property
    def probability(self) -> float:
        """The probability with which a network of the stratum is trained."""
        return self.networks / self.members.size

    @property
    def chosen(self) -> np.ndarray:
        """The places (n_h,) of the networks to train: the first ones, which are as random as the order of drawing.

        More networks of the same strata are the same ones and further ones.
        """
        return self.members[: self.networks]


def design(
    predicted: ArrayLike, fitted: ArrayLike, residuals: ArrayLike, networks: int, strata: int = 2
) -> list[Stratum]:
    """Strata of the first phase by predicted error, with the networks to train in each.

    Limits make the expected error of the mean smallest, which is where the sum of share times spread is. The variance
    of errors that are predicted alike is the mean square of the residuals of the trained networks that were.

    Parameters
    ----------
    predicted : (N,) predicted errors of the networks of the first phase, in the order of drawing, percent.
    fitted, residuals : (m,) predictions of trained networks by models that have not seen them, and what they got wrong.
    networks : to train, in all.
    strata : so many, or fewer where predictions do not differ enough.

    Raises
    ------
    ValueError : for fewer networks than `LEAST` per stratum, or more than there are.
    """
    predicted = np.asarray(predicted, float)
    if not LEAST * strata <= networks <= predicted.size or strata < 1:
        expected = f"{LEAST} per stratum to {predicted.size}, all of the first phase"
        raise ValueError(f"networks: got {networks} for {strata} strata, expected {expected}")
    order = np.argsort(predicted, kind="stable")
    variances = nearby_variance(predicted[order], fitted, residuals)
    edges = best_edges(predicted[order], variances, strata)
    spreads = [_spread(predicted[order][a:b], variances[a:b]) for a, b in zip(edges, edges[1:], strict=False)]
    sizes = np.diff(edges)
    counts = allocate(sizes, spreads, networks)
    return [
        Stratum(float(predicted[order[a]]), np.sort(order[a:b]), spread, count)
        for a, b, spread, count in zip(edges, edges[1:], spreads, counts, strict=False)
    ]


def nearby_variance(predicted: np.ndarray, fitted: ArrayLike, residuals: ArrayLike) -> np.ndarray:
    """Variances (N,) of errors around some predictions: mean squares of the residuals at the most similar ones.

    Parameters
    ----------
    predicted : (N,) percent.
    fitted, residuals : (m,) of trained networks, one or more.
    """
    fitted, residuals = np.asarray(fitted, float), np.asarray(residuals, float)
    order = np.argsort(fitted, kind="stable")
    fitted, near = fitted[order], min(NEAREST, fitted.size)
    place = np.searchsorted(fitted, predicted)
    first, last = (np.clip(place - before, 0, fitted.size - near) for before in (near, 0))
    while (first < last).any():  # bisection for where the nearest ones begin
        middle = (first + last) // 2
        further = (first < last) & (
            predicted - fitted[middle] > fitted[np.minimum(middle + near, fitted.size - 1)] - predicted
        )
        first, last = np.where(further, middle + 1, first), np.where(further, last, middle)
    sums = np.r_[0.0, np.cumsum(residuals[order] ** 2)]
    return (sums[first + near] - sums[first]) / near


def best_edges(predicted: np.ndarray, variances: np.ndarray, strata: int) -> list[int]:
    """Places at which to cut ascending predictions (N,), from 0 to N: those of the smallest sum of share times spread.

    All ways to cut at `LIMITS` quantiles are compared (dynamic programming). Equal predictions are never parted, so
    there may be fewer strata.
    """
    places = np.unique(np.searchsorted(predicted, np.quantile(predicted, np.arange(1, LIMITS) / LIMITS)))
    cuts = np.r_[0, places[(places >= LEAST) & (places <= predicted.size - LEAST)], predicted.size]
    costs = _costs(predicted, variances, cuts)
    cost, before = costs[0], [np.zeros(cuts.size, int)]  # of strata up to each cut, the last of which begins at another
    for _ in range(strata - 1):
        further = cost[:, None] + costs
        first = further.argmin(axis=0)
        better = further[first, np.arange(cuts.size)] < cost  # else a stratum less costs no more
        before.append(np.where(better, first, -1))
        cost = np.where(better, further[first, np.arange(cuts.size)], cost)
    edges = [cuts.size - 1]
    for firsts in reversed(before):
        if edges[0] and firsts[edges[0]] >= 0:
            edges.insert(0, int(firsts[edges[0]]))
    return cuts[edges].tolist()


def _costs(predicted: np.ndarray, variances: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Size times spread of the stratum between each two cuts, (k, k); infinite for those that are none."""
    centred = predicted - predicted.mean()
    sizes, sums, squares = (
        np.subtract.outer(whole[cuts], whole[cuts]).T
        for whole in (
            np.r_[0.0, np.cumsum(values)] for values in (np.ones(predicted.size), centred, centred**2 + variances)
        )
    )
    is_stratum = sizes >= LEAST
    safe = np.where(is_stratum, sizes, 1)
    spreads = np.sqrt(np.maximum(squares / safe - (sums / safe) ** 2, 0))
    return np.where(is_stratum, sizes * spreads, np.inf)


def _spread(predicted: np.ndarray, variances: np.ndarray) -> float:
    """The expected standard deviation of the errors of some networks: that of predictions, and that around them."""
    return float(np.sqrt(predicted.var() + variances.mean()))


def allocate(sizes: Sequence[int] | np.ndarray, spreads: Sequence[float], networks: int) -> list[int]:
    """How many networks to train in each stratum: as many as size times spread (Neyman), in whole numbers.

    Each gets `LEAST`, and `GUARD` of what its share alone would give it, so that the error is at most sqrt(1 / `GUARD`)
    times that of strata by share, whose own is hardly larger than that of simple sampling, were all spreads guessed
    wrongly. Each further network goes where it lowers the variance of the mean most, which is the best allocation of
    whole numbers (Wright 2012).

    Parameters
    ----------
    sizes : (k,) networks of each stratum in the first phase, `LEAST` or more.
    spreads : (k,) standard deviations of their errors.
    networks : to train, in all; no more than there are.
    """
    whole = int(np.sum(sizes))
    counts = [min(size, max(LEAST, int(GUARD * networks * size / whole))) for size in sizes]
    gains = [(size * max(spread, 1e-9)) ** 2 for size, spread in zip(sizes, spreads, strict=True)]
    for _ in range(networks - sum(counts)):
        left = [gain / (n * (n + 1)) if n < size else -1.0 for gain, n, size in zip(gains, counts, sizes, strict=True)]
        counts[left.index(max(left))] += 1
    return counts


def expected_error(strata: Sequence[Stratum]) -> float:
    """The standard error that the mean is expected to have, percentage points, the error of the first phase aside."""
    whole = sum(stratum.members.size for stratum in strata)
    parts = [(s.members.size / whole * s.spread) ** 2 / s.networks for s in strata]
    return float(np.sqrt(sum(parts)))
