"""Limits of quantities by resampling networks.

A statistic takes counts (..., n), one array per population, that say how often each network is drawn; all are
vectorised over the leading axes.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from netspaces.statistics.best import BEST_OF
from netspaces.statistics.bootstrap_tails import resampled
from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.resampling import rows_at_once
from netspaces.studies.claims.quantity import Networks

SEARCH = 8  # the expected best of more than n / 8 networks has no trustworthy interval (`search.bootstrap_interval`)
TIMES = 20  # as many resamples as other statistics have: limits of a long list lie far out in the tails
MOST_DRAWS = 2**26  # networks drawn in all, so that large populations, whose tails are tame, cost no hours
LARGE = 2000  # networks, from which on a skewness of the estimate, which is of the order 1 / sqrt(n), plays no part

Statistic = Callable[..., np.ndarray]


def bootstrapped(samples: Sequence[Networks], statistic: Statistic, resampling: Resampling) -> Confidence:
    """BCa limits of a statistic of counts, one array per population, from `resamples_of` resamples."""
    sizes = [len(networks) for networks in samples]
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = [np.ones(n) for n in sizes]
        estimate = float(statistic(*whole))
        if all(np.ptp(networks.values, axis=0).max() == 0 for networks in samples):
            return Confidence.point(estimate)  # every resample gives the same
        influence = [_influence(statistic, whole, place) for place in range(len(sizes))]
        values = np.concatenate([statistic(*counts) for counts in _resamples(sizes, resampling)])
    return resampled(estimate, values, influence)


def resamples_of(sizes: Sequence[int], resampling: Resampling) -> int:
    """How many resamples of populations of some sizes limits of claims rest on."""
    return max(resampling.resamples, min(TIMES * resampling.resamples, MOST_DRAWS // sum(sizes)))


def _influence(statistic: Statistic, whole: Sequence[np.ndarray], place: int) -> np.ndarray:
    """What leaving out each network of one population takes from the statistic, times n - 1, (n,), about its mean."""
    n = whole[place].size
    if n > LARGE:
        return np.zeros(n)
    counts = [c if i == place else 1 - np.eye(n) for i, c in enumerate(whole)]
    left = statistic(*counts)
    return np.nan_to_num((n - 1) * (left.mean() - left))


def _resamples(sizes: Sequence[int], resampling: Resampling) -> Iterator[list[np.ndarray]]:
    """Counts (rows, n) per population, in chunks; each population's are drawn from its own random numbers."""
    seeds = np.random.SeedSequence(resampling.seed).spawn(len(sizes))
    generators = [np.random.default_rng(seed) for seed in seeds]
    resamples, rows = resamples_of(sizes, resampling), rows_at_once(16 * max(sizes))
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        yield [_counts(g.integers(n, size=(size, n)), n) for g, n in zip(generators, sizes, strict=True)]


def _counts(drawn: np.ndarray, n: int) -> np.ndarray:
    """How often each of n networks is among those drawn (rows, draws): (rows, n)."""
    flat = drawn + n * np.arange(len(drawn))[:, None]
    return np.bincount(flat.ravel(), minlength=n * len(drawn)).astype(float).reshape(len(drawn), n)


def resampled_mean(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean (...,) of the values (n,) of the networks drawn."""
    return counts @ values / counts.sum(axis=-1)


def searched(
    samples: Sequence[Networks], draws: int, statistic: Callable[..., np.ndarray], resampling: Resampling
) -> Confidence:
    """Limits of a statistic of random searches; none where populations of that size cannot tell so many draws.

    Parameters
    ----------
    draws : networks that a search tries; 0 for an eighth of the smallest population, and at most BEST_OF, so that
        limits come nearer as more networks are trained.
    statistic : takes the number of draws, then counts as for `bootstrapped`.
    """
    smallest = min(map(len, samples))
    trusted = max(1, smallest // SEARCH)
    draws = draws or min(trusted, BEST_OF)

    def of_counts(*counts: np.ndarray) -> np.ndarray:
        return statistic(draws, *counts)

    if draws <= trusted:
        return bootstrapped(samples, of_counts, resampling)
    estimate = float(of_counts(*(np.ones(len(networks)) for networks in samples))) if draws <= smallest else math.nan
    return Confidence.unknown(estimate)
