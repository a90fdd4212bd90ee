"""Drift: do the parameters of the best networks move with the budget, the number of epochs of training?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.best import mean_best, resampled_mean_best
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_interval
from netspaces.statistics.resampling import drawn_counts


@dataclass(frozen=True, eq=False)
class Drift:
    """Mean best values (k,) of a parameter at k budgets, and how much they move from the first to the last."""

    best: np.ndarray
    change: Interval
    n: int


def drift(
    x: ArrayLike,
    errors: np.ndarray,
    resampling: Resampling = DEFAULT,
    draws: int | None = None,
) -> Drift:
    """How the mean best value (`best.mean_best`) moves from the first budget to the last, in units of x.

    The same networks are drawn at all budgets, as they were trained at all: what budgets share does not count as drift.

    Parameters
    ----------
    x, errors : (n,) parameter, and (n, k) errors in percent at k budgets.
    draws : networks of which the best one counts; `best.best_draws` by default.
    """
    x, errors = np.asarray(x, float), np.asarray(errors, float)
    best = np.array([mean_best(x, column, draws) for column in errors.T])
    counts = drawn_counts(x.size, resampling.resamples, resampling.seed)
    first, last = (resampled_mean_best(x, column, counts, draws) for column in (errors[:, 0], errors[:, -1]))
    return Drift(best, percentile_interval(best[-1] - best[0], last - first, resampling.level), x.size)
