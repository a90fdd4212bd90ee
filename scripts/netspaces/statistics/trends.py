"""Trends of best values over regimes: a straight line through them, with an interval of its slope.

The paper shows best values per regime (figure 11) and no trend; this is ours. What is fitted is the mean best value: a
network's parameter weighted by the probability that the network is the best of eight (`best.best_draws`). The mean
varies less than the median that the paper draws, and its intervals hold what they promise: in simulations (seven
regimes of 16, 32 or 100 networks, gamma errors, 400 populations each) 95 % intervals of the slope covered the true one
in 94-97 % of cases. The number of draws is fixed, so that intervals shrink as more networks are trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.best import best_draws, mean_best, resampled_mean_best
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_limits
from netspaces.statistics.resampling import drawn_counts
from netspaces.statistics.samples import finite_pairs


@dataclass(frozen=True, eq=False)
class Trend:
    """A straight line through mean best values; the arrays have a value per regime, (k,)."""

    slope: Interval  # units of the parameter per unit of `at`
    at: np.ndarray
    best: np.ndarray  # mean best values
    line: np.ndarray
    low: np.ndarray  # pointwise band of the line
    high: np.ndarray
    resamples: int
    draws: int  # networks of which the best one counts


def trend(
    at: ArrayLike,
    x: Sequence[ArrayLike],
    errors: Sequence[ArrayLike],
    resampling: Resampling = DEFAULT,
    draws: int | None = None,
) -> Trend:
    """Least-squares line through the mean best values of k regimes, with percentile-bootstrap intervals.

    A resample draws as many networks as there are in each regime, with replacement, and fits the line anew.

    Parameters
    ----------
    at : (k,) where the regimes lie, such as log2 of their flops; at least two places.
    x, errors : per regime, (n_i,) parameter and error in percent of each network.
    draws : networks of which the best one counts, the same in all regimes; `best.best_draws` by default.

    Raises
    ------
    ValueError : for fewer than two places, unequal lengths, values that are not finite.
    """
    at = np.asarray(at, float)
    if len(np.unique(at)) < 2 or not len(at) == len(x) == len(errors):
        raise ValueError(
            f"at: expected two or more places, one per regime ({len(x)}, {len(errors)}), got {at.tolist()}"
        )
    draws = best_draws(*(np.size(of) for of in errors)) if draws is None else draws
    resamples, rng = resampling.resamples, resampling.generator()
    best, resampled = np.empty(at.size), np.empty((resamples, at.size))
    for i, pair in enumerate(zip(x, errors, strict=True)):
        values, regime_errors = finite_pairs(*pair)
        order = np.lexsort([values, regime_errors])  # so that the order of the rows plays no part
        values, regime_errors = values[order], regime_errors[order]
        counts = drawn_counts(values.size, resamples, rng)
        best[i] = mean_best(values, regime_errors, draws)
        resampled[:, i] = resampled_mean_best(values, regime_errors, counts, draws)
    centred = at - at.mean()
    slope, slopes = (means @ centred / (centred @ centred) for means in (best, resampled))
    lines = resampled.mean(1, keepdims=True) + slopes[:, None] * centred
    low, high = percentile_limits(lines, resampling.level, axis=0)
    slope_low, slope_high = percentile_limits(slopes, resampling.level)
    return Trend(
        slope=Interval(float(slope), float(slope_low), float(slope_high), resampling.level),
        at=at,
        best=best,
        line=best.mean() + slope * centred,
        low=low,
        high=high,
        resamples=resamples,
        draws=draws,
    )
