"""Comparisons of design spaces at equal complexity: weights that give their networks the same distribution of it.

The predecessor of the paper ("On Network Design Spaces for Visual Recognition", arXiv 1905.13214, section 3) compares
error distributions in which each network has a weight: the shared range of complexity is cut into k bins, and a network
in a bin with m networks of its space counts 1/(k m), so that complexity has one distribution in all spaces. Networks
outside the shared range, where other spaces have none to compare with, count nothing. Here bins hold equal shares of
all spaces' networks, each space counting alike, where the predecessor's have equal widths: with tens of networks
instead of thousands the outer ones would be empty. This is stratification, of which five strata remove most of what a
smooth covariate confounds (Cochran 1968).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.edf import dkw_half_width, step_vertices
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_limits, satterthwaite, t_reach
from netspaces.statistics.resampling import drawn_counts, expected_best

MOST_BINS = 5
LEAST = 2  # networks of each space in each bin: of fewer no spread is known
BALANCED = 0.25  # of a standard deviation: the largest difference in log complexity that counts as equal


@dataclass(frozen=True, eq=False)
class Matched:
    """Weights of the networks of several spaces; `bins` holds each network's bin, -1 outside the shared range."""

    weights: dict[str, np.ndarray]  # sums of 1
    bins: dict[str, np.ndarray]
    edges: np.ndarray  # (k + 1,) in units of the complexity
    imbalance: float  # largest difference of mean log complexity between two spaces, in their pooled deviation
    before: float  # the same without weights

    @property
    def k(self) -> int:
        """Number of bins."""
        return self.edges.size - 1

    @property
    def balanced(self) -> bool:
        """Whether complexity is close to equal after weighting."""
        return self.imbalance <= BALANCED

    def effective(self, space: str) -> float:
        """Kish's effective sample size of a space: the equally weighted networks that know as much."""
        return float(1 / np.square(self.weights[space]).sum())

    def outside(self, space: str) -> float:
        """Share of a space's networks outside the shared range."""
        return float((self.bins[space] < 0).mean())


def match(complexity: Mapping[str, ArrayLike], most_bins: int = MOST_BINS) -> Matched | None:
    """Weights under which all spaces have the same distribution of complexity, as far as bins tell.

    Parameters
    ----------
    complexity : space -> (n,) above 0; at least two spaces.
    most_bins : there are as many as possible up to this, with two networks or more of each space in each.

    Returns
    -------
    None where not even one bin has two networks of each space: then there is nothing to compare.
    """
    logs = {space: _logs(values, space) for space, values in complexity.items()}
    if len(logs) < 2 or most_bins < 1:
        raise ValueError(f"expected two or more spaces and bins, got {len(logs)} spaces, most_bins {most_bins}")
    if min(values.size for values in logs.values()) < LEAST:
        return None
    low, high = max(values.min() for values in logs.values()), min(values.max() for values in logs.values())
    inside = {space: values[(values >= low) & (values <= high)] for space, values in logs.items()}
    if min(values.size for values in inside.values()) < LEAST:
        return None
    pool = np.concatenate(list(inside.values()))
    share = np.concatenate([np.full(values.size, 1 / values.size) for values in inside.values()])
    for k in range(most_bins, 0, -1):
        edges = np.quantile(pool, np.linspace(0, 1, k + 1), weights=share, method="inverted_cdf")
        bins = {space: _bins(values, edges) for space, values in logs.items()}
        counts = {space: np.bincount(own[own >= 0], minlength=k) for space, own in bins.items()}
        if min(own.min() for own in counts.values()) >= LEAST:
            break
    weights = {space: np.where(own >= 0, 1 / (k * counts[space][own]), 0.0) for space, own in bins.items()}
    even = {space: np.full(values.size, 1 / values.size) for space, values in logs.items()}
    return Matched(weights, bins, np.exp(edges), _imbalance(logs, weights), _imbalance(logs, even))


def unmatched(spaces: Mapping[str, ArrayLike]) -> Matched:
    """Equal weights: the comparison within a regime, without further matching."""
    sizes = {space: np.size(values) for space, values in spaces.items()}
    weights = {space: np.full(n, 1 / n) for space, n in sizes.items()}
    return Matched(weights, {space: np.zeros(n, int) for space, n in sizes.items()}, np.array([0, np.inf]), 0.0, 0.0)


def _logs(values: ArrayLike, space: str) -> np.ndarray:
    values = np.asarray(values, float)
    if values.ndim != 1 or not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(f"{space}: expected complexities above 0, got shape {values.shape}")
    return np.log(values)


def _bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Bin of each value, the upper edge belonging to the bin; -1 outside."""
    bins = np.clip(np.searchsorted(edges, values, side="left") - 1, 0, edges.size - 2)
    return np.where((values < edges[0]) | (values > edges[-1]), -1, bins)


def _imbalance(logs: Mapping[str, np.ndarray], weights: Mapping[str, np.ndarray]) -> float:
    means = [weights[space] @ values for space, values in logs.items()]
    deviation = np.sqrt(np.mean([values.var(ddof=1) for values in logs.values()]))
    return float(np.ptp(means) / deviation) if deviation > 0 else 0.0


# ---- Weighted errors -------------------------------------------------------------------------------------------------


def weighted_mean(errors: ArrayLike, weights: ArrayLike) -> float:
    """Mean error, percent."""
    return float(np.dot(errors, weights))


def weighted_best(errors: ArrayLike, weights: ArrayLike, draws: int) -> float:
    """Expected smallest of `draws` errors drawn with probabilities `weights`: the result of a random search."""
    return float(expected_best(np.asarray(errors, float), np.asarray(weights, float), draws))


def weighted_steps(
    errors: ArrayLike, weights: ArrayLike, level: float = 0.95, limits: tuple[float, float] | None = None
) -> tuple[np.ndarray, ...]:
    """Vertices (x, y, lower, upper) of the weighted EDF, as `Edf.steps` has them, with a simultaneous band.

    The band is that of Dvoretzky, Kiefer and Wolfowitz with the effective sample size in place of n: an approximation,
    which held in 95-98 % of simulations at 95 %.
    """
    errors, weights = np.asarray(errors, float), np.asarray(weights, float)
    values, place = np.unique(errors[weights > 0], return_inverse=True)
    after = np.minimum(np.cumsum(np.bincount(place, weights[weights > 0])), 1)
    x, y = step_vertices(values, after, limits)
    half_width = dkw_half_width(1 / np.square(weights).sum(), level)
    return x, y, np.maximum(y - half_width, 0), np.minimum(y + half_width, 1)


# ---- Differences -----------------------------------------------------------------------------------------------------


def weighted_difference(
    errors: Mapping[str, ArrayLike],
    matched: Matched,
    pair: Sequence[str],
    draws: int = 1,
    resampling: Resampling = DEFAULT,
) -> Interval:
    """Weighted mean error of the first of a pair minus that of the second; from 2 draws on, of the expected best.

    The interval holds given the networks' complexities: networks are drawn anew within bins, one fewer than there are
    (Rao and Wu 1988: so many give a stratified mean the variance that it has), percentiles are taken, and of a mean the
    wider of these and Student's t with Satterthwaite's degrees of freedom.
    """
    rng, parts, variances = resampling.generator(), [], []
    for space in pair:
        own = np.asarray(errors[space], float)
        drawn = _resampled(matched.bins[space], matched.k, resampling.resamples, rng)
        values = drawn @ own if draws == 1 else expected_best(own, drawn, draws)
        parts.append((weighted_best(own, matched.weights[space], draws), values))
        variances += _variances(own, matched.bins[space], matched.k)
    (one, ones), (other, others) = parts
    estimate = one - other
    level = resampling.level
    low, high = percentile_limits(ones - others, level)
    interval = Interval(estimate, float(low), float(high), level)
    if draws > 1:
        return interval
    reach = t_reach(*satterthwaite(*zip(*variances, strict=True)), level)
    return interval.widened(estimate - reach, estimate + reach)


def _resampled(bins: np.ndarray, k: int, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Weights of the networks in each resample, (resamples, n)."""
    weights = np.zeros((resamples, bins.size))
    for i in range(k):
        members = np.flatnonzero(bins == i)
        draws = members.size - 1
        weights[:, members] = drawn_counts(members.size, resamples, rng, draws) / (k * draws)
    return weights


def _variances(errors: np.ndarray, bins: np.ndarray, k: int) -> list[tuple[float, int]]:
    """(variance of the part of the mean, degrees of freedom) of each bin."""
    members = [errors[bins == i] for i in range(k)]
    return [(float(own.var(ddof=1) / own.size / k**2), own.size - 1) for own in members]


# ---- Conclusions -----------------------------------------------------------------------------------------------------


def side(interval: Interval) -> int:
    """1 for an interval above 0, -1 for one below, 0 for one that holds it."""
    return int(interval.low > 0) - int(interval.high < 0)


def conclusion(before: Interval, after: Interval | None, balanced: bool = True) -> str:
    """What becomes of an order of two spaces when they are compared at equal complexity.

    `kept`, `lost` (no longer decided) or `reversed`; `new` where only the matched comparison decides, `undecided` where
    neither does; `not comparable` where the spaces share too little of the complexity, or stay unequal in it.
    """
    if after is None or not balanced:
        return "not comparable"
    first, second = side(before), side(after)
    if not first:
        return "new" if second else "undecided"
    return {first: "kept", 0: "lost", -first: "reversed"}[second]
