"""Intervals of estimates, and the one description of how they are resampled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


def check_level(level: float) -> float:
    """The level, if it lies in (0, 1); raises ValueError otherwise."""
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number in (0, 1), got {level}")
    return level


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval, in the unit of the estimate; limits are NaN where there is none."""

    estimate: float
    low: float
    high: float
    level: float

    @classmethod
    def unknown(cls, level: float = np.nan) -> "Interval":
        """The interval of an estimate that there is not."""
        return cls(np.nan, np.nan, np.nan, level)

    @classmethod
    def point(cls, value: float, level: float) -> "Interval":
        """The interval of a value that is known exactly."""
        return cls(value, value, value, level)

    def widened(self, low: float, high: float) -> "Interval":
        """The interval with each limit moved outwards to another one, if that lies beyond it or there is none."""
        return replace(self, low=float(np.fmin(self.low, low)), high=float(np.fmax(self.high, high)))


@dataclass(frozen=True)
class Resampling:
    """How an interval is resampled.

    Parameters
    ----------
    level : confidence of the interval, in (0, 1).
    resamples : number of resamples, 1 or more.
    seed : of the random numbers, 0 or more; equal seeds give equal intervals.

    Raises
    ------
    ValueError : for a value out of range.

    Examples
    --------
    >>> import netspaces
    >>> netspaces.Resampling(level=0.95).simultaneous(5).level
    0.99
    """

    level: float = 0.95
    resamples: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the ranges of all three."""
        check_level(self.level)
        if self.resamples < 1:
            raise ValueError(f"resamples: expected at least 1, got {self.resamples}")
        if self.seed < 0:
            raise ValueError(f"seed: expected 0 or more, got {self.seed}")

    def at(self, level: float) -> "Resampling":
        """The same resamples for an interval of another level."""
        return replace(self, level=level)

    def simultaneous(self, intervals: int) -> "Resampling":
        """The resampling of each of several intervals that hold together at the level (Bonferroni)."""
        return self.at(1 - (1 - self.level) / intervals)

    def estimates_only(self) -> "Resampling":
        """A single resample, for statistics of which only the estimate is used."""
        return replace(self, resamples=1)

    def generator(self) -> np.random.Generator:
        """Fresh random numbers."""
        return np.random.default_rng(self.seed)

    def columns(self) -> dict[str, float]:
        """The three values as columns of a table."""
        return {"level": self.level, "resamples": self.resamples, "seed": self.seed}


DEFAULT = Resampling()


def tails(level: float) -> tuple[float, float]:
    """The shares of a distribution below the lower and below the upper end of its central share `level`."""
    return (1 - level) / 2, (1 + level) / 2


def percentile_limits(resampled: np.ndarray, level: float, axis: int = -1) -> np.ndarray:
    """Lower and upper percentile limits of resampled values along an axis, (2, ...)."""
    return np.quantile(resampled, tails(level), axis=axis)


def percentile_interval(estimate: float, resampled: np.ndarray, level: float) -> Interval:
    """The central share `level` of resampled values (r,); a NaN counts as beyond both limits, and may make one NaN."""
    limits = []
    for beyond, share in zip((-np.inf, np.inf), tails(level), strict=True):
        values = np.where(np.isnan(resampled), beyond, resampled)
        limit = np.quantile(values, share, method="closest_observation")
        limits.append(float(limit) if np.isfinite(limit) else np.nan)
    low, high = limits
    return Interval(float(estimate), low, high, level)


def clopper_pearson_slack(pairs: int, level: float) -> float:
    """The largest probability of disagreement that is compatible with `pairs` independent pairs that all agree.

    It is the upper limit of the interval of Clopper and Pearson for no success in so many trials.
    """
    return 1 - ((1 - level) / 2) ** (1 / pairs)


def satterthwaite(variances: Sequence[float], freedoms: Sequence[float]) -> tuple[float, float]:
    """Standard error and degrees of freedom of a sum of independent estimates (Welch 1947, Satterthwaite 1946).

    Parameters
    ----------
    variances : of the estimates, (k,).
    freedoms : degrees of freedom of these variances, (k,); their sum is the result where all variances are 0.
    """
    total = sum(variances)
    spread = sum(variance**2 / freedom for variance, freedom in zip(variances, freedoms, strict=True))
    return float(np.sqrt(total)), float(total**2 / spread if spread else sum(freedoms))


def t_reach(error: float, freedom: float, level: float) -> float:
    """Half of the width of Student's t interval of an estimate with a standard error."""
    from scipy import stats  # takes a second, which the check of claims at the start does not pay

    return error * float(stats.t.ppf((1 + level) / 2, freedom))
