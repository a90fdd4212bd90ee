"""How much of the differences between errors would repeat: the reliability of one training, from trainings again.

The same networks are trained with several seeds. What seeds change is noise, which no property of a network can
predict: the share of variance that repeats is the ceiling of every prediction, and of what an estimate can gain by one.

Source: the intraclass correlation of one-way random effects, ICC(1), with its F interval (Shrout and Fleiss 1979).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from netspaces.statistics.intervals import Interval, check_level

FEWEST = 3  # networks


@dataclass(frozen=True)
class Reliability:
    """What repeated trainings say; deviations in the unit of the errors."""

    n: int  # networks
    seeds: int  # trainings of each
    noise: float  # standard deviation between trainings of one network
    between: float  # standard deviation between networks, without noise
    share: Interval  # of the variance of one training that repeats: the reliability, within [0, 1]

    @property
    def largest_gain(self) -> float:
        """How many times fewer trainings an estimate could need at best; infinite where all repeats."""
        return float("inf") if self.share.estimate >= 1 else 1 / (1 - self.share.estimate)


def reliability(errors: ArrayLike, level: float = 0.95) -> Reliability:
    """The reliability of one training.

    Parameters
    ----------
    errors : (n, seeds) error of each network with each seed, finite; three networks and two seeds at least.
    level : confidence of the interval, in (0, 1), which is exact for normal errors.

    Raises
    ------
    ValueError : for another shape, or errors that are not finite.

    Examples
    --------
    >>> found = reliability([[8.0, 8.2], [9.0, 8.8], [12.0, 12.4], [10.0, 9.9]])
    >>> round(found.share.estimate, 2), round(found.noise, 2)
    (0.99, 0.18)
    """
    errors = np.asarray(errors, float)
    if errors.ndim != 2 or errors.shape[0] < FEWEST or errors.shape[1] < 2 or not np.isfinite(errors).all():
        raise ValueError(f"errors: expected finite ({FEWEST} or more networks, 2 or more seeds), got {errors.shape}")
    n, k = errors.shape
    lower, upper = (1 - check_level(level)) / 2, (1 + level) / 2
    square_between = k * errors.mean(1).var(ddof=1)
    square_within = errors.var(1, ddof=1).mean()
    ratio = np.inf if square_within == 0 else square_between / square_within
    ends = [ratio, ratio / stats.f.ppf(upper, n - 1, n * (k - 1)), ratio / stats.f.ppf(lower, n - 1, n * (k - 1))]
    shares = [1.0 if f == np.inf else float(np.clip((f - 1) / (f + k - 1), 0, 1)) for f in ends]
    return Reliability(
        n=n,
        seeds=k,
        noise=float(np.sqrt(square_within)),
        between=float(np.sqrt(max(square_between - square_within, 0) / k)),
        share=Interval(shares[0], shares[1], shares[2], level),
    )
