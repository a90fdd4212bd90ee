"""A distribution function that is estimated at some errors, with a simultaneous band.

The estimate need not rise by itself, so it is made to (isotonic regression, which brings no point further from a rising
truth; Barlow and others 1972). The band is as many standard errors wide at every point as the largest standardised
deviation of resampled curves asks for (Montiel Olea and Plagborg-Moeller 2019).
"""

import math
from dataclasses import dataclass

import numpy as np

from netspaces.statistics.intervals import Interval

SMALLEST_SE = 1e-6  # of a share; a smaller standard error is rounding noise


@dataclass(frozen=True, eq=False)
class EstimatedEdf:
    """A distribution function with a simultaneous band; all arrays (k,)."""

    errors: np.ndarray  # percent, ascending
    share: np.ndarray  # of the design space's networks that err by at most so much
    low: np.ndarray
    high: np.ndarray
    level: float
    critical: float  # half-width of the band in standard errors

    @classmethod
    def resampled(
        cls, errors: np.ndarray, share: np.ndarray, deviations: np.ndarray, variance: np.ndarray, level: float
    ) -> "EstimatedEdf":
        """The curve, and the band that resampled curves ask for.

        Parameters
        ----------
        errors, share : (k,) where it was estimated, ascending, and the estimates, which need not rise.
        deviations : (r, k) of resampled curves from the estimate.
        variance : (k,) of the estimate.
        """
        standard = np.sqrt(np.maximum(variance, SMALLEST_SE**2))
        critical = float(np.quantile(np.abs(deviations / standard).max(axis=1), level))
        return cls.within(errors, share, standard, critical, level)

    @classmethod
    def within(
        cls, errors: np.ndarray, share: np.ndarray, standard: np.ndarray, critical: float, level: float
    ) -> "EstimatedEdf":
        """The curve, and a band of so many standard errors (k,), both made to rise."""
        from scipy import optimize  # here as in `intervals`

        low, high = share - critical * standard, share + critical * standard
        rising = optimize.isotonic_regression(share).x.clip(0, 1)
        low, high = np.maximum.accumulate(low).clip(0, 1), np.minimum.accumulate(high[::-1])[::-1].clip(0, 1)
        return cls(errors, rising, np.minimum(low, rising), np.maximum(high, rising), level, critical)

    def quantile(self, share: float) -> Interval:
        """The error that a share of the networks do not exceed, with the errors at which the band reaches that share.

        All quantiles hold together, as the band does (Woodruff 1952). A limit that lies beyond the curve is NaN, and so
        is an estimate beyond it; where the band reaches the share at the first error, its lower limit may lie below.
        """
        low = self._reached(self.high, share)
        low = low if low > self.errors[0] else math.nan
        return Interval(self._reached(self.share, share), low, self._reached(self.low, share), self.level)

    def steps(self, limits: tuple[float, float]) -> tuple[np.ndarray, ...]:
        """Vertices (x, y, lower, upper) of the step line, each (2k + 2,): two per error, one at each of `limits`.

        Between two errors the curve is as it was at the first, and so is the lower edge; the upper one is that of the
        second, which the distribution has not passed yet.
        """
        x = np.r_[min(limits[0], self.errors[0]), np.repeat(self.errors, 2), max(limits[1], self.errors[-1])]
        y, lower = (np.repeat(np.r_[0.0, values], 2) for values in (self.share, self.low))
        return x, y, lower, np.repeat(np.r_[self.high, 1.0], 2)

    def _reached(self, curve: np.ndarray, share: float) -> float:
        there = np.flatnonzero(curve >= share - 1e-12)
        return float(self.errors[there[0]]) if there.size else math.nan
