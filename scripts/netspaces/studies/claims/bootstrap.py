"""Intervals of quantities by resampling networks.

A statistic takes counts (..., n), one array per population, that say how often each network is drawn; all are
vectorised over the leading axes.
"""

import math
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.statistics.resampling import bca_limits
from netspaces.studies.claims.quantity import Networks

SEARCH = 8  # the expected best of more than n / 8 networks has no trustworthy interval (`search.bootstrap_interval`)

Statistic = Callable[..., np.ndarray]


def bootstrapped(samples: Sequence[Networks], statistic: Statistic, resampling: Resampling) -> Interval:
    """BCa interval of a statistic of counts, one array per population."""
    from scipy import stats  # here as in `statistics.intervals`

    rows = tuple(np.arange(len(networks)) for networks in samples)

    def of_rows(*drawn: np.ndarray, axis: int) -> np.ndarray:
        return statistic(*(_counts(index, len(of)) for of, index in zip(samples, drawn, strict=True)))

    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # its limits are NaN
        estimate = float(of_rows(*rows, axis=-1))
        ((low, high),) = bca_limits(rows, of_rows, [resampling.level], resampling)
    if math.isnan(low) and all(np.ptp(networks.value) == 0 for networks in samples):
        return Interval.point(estimate, resampling.level)  # every resample gives the same
    return Interval(estimate, low, high, resampling.level)


def _counts(drawn: np.ndarray, n: int) -> np.ndarray:
    """How often each of n networks is among those drawn (..., draws): (..., n)."""
    rows = drawn.reshape(-1, drawn.shape[-1])
    flat = rows + n * np.arange(len(rows))[:, None]
    return np.bincount(flat.ravel(), minlength=n * len(rows)).astype(float).reshape(*drawn.shape[:-1], n)


def resampled_mean(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean (...,) of the values (n,) of the networks drawn."""
    return counts @ values / counts.reshape(-1, counts.shape[-1])[0].sum()


def search_interval(
    samples: Sequence[Networks], draws: int, statistic: Callable[..., np.ndarray], resampling: Resampling
) -> Interval:
    """Interval of a statistic of random searches; NaN limits where populations of that size cannot tell so many draws.

    Parameters
    ----------
    draws : networks that a search tries; 0 for an eighth of the smallest population.
    statistic : takes the number of draws, then counts as for `bootstrapped`.
    """
    smallest = min(map(len, samples))
    trusted = max(1, smallest // SEARCH)
    draws = draws or trusted

    def of_counts(*counts: np.ndarray) -> np.ndarray:
        return statistic(draws, *counts)

    if draws <= trusted:
        return bootstrapped(samples, of_counts, resampling)
    estimate = float(of_counts(*(np.ones(len(networks)) for networks in samples))) if draws <= smallest else math.nan
    return Interval(estimate, math.nan, math.nan, resampling.level)
