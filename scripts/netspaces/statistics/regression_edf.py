"""The error distribution of a design space from few trained networks and many that are only predicted.

F(e) is estimated as a mean is (`regression_estimate`), of the indicator that a network errs by at most e. Its
prediction is the probability of that given the network's predicted error, for which the residuals of all populations
that were fitted together are added to it. The corrected curve need not rise, so it is made to (isotonic regression,
which brings no point further from a rising truth; Barlow and others 1972). The band is simultaneous: the largest
standardised deviation over the curve, from a bootstrap of networks with the fits as they are (Zrnic and Candes 2024;
Montiel Olea and Plagborg-Moeller 2019).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from netspaces.statistics.cross_fitting import Predicted
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling
from netspaces.statistics.resampling import drawn_counts, rows_at_once

POINTS = 200  # at most, at which the curve is computed
SMALLEST_SE = 1e-6  # of a share; a smaller standard error is rounding noise


@dataclass(frozen=True, eq=False)
class RegressionEdf:
    """A distribution function with a simultaneous band; all arrays (k,)."""

    errors: np.ndarray  # percent, ascending
    share: np.ndarray  # of the design space's networks that err by at most so much
    low: np.ndarray
    high: np.ndarray
    level: float
    critical: float  # half-width of the band in standard errors

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


def regression_edf(
    predicted: Predicted, errors: np.ndarray | None = None, resampling: Resampling = DEFAULT
) -> RegressionEdf:
    """The distribution of errors of a design space.

    Parameters
    ----------
    errors : (k,) where to compute it, ascending, percent; by default the errors of the trained networks.
    """
    at = np.unique(predicted.errors) if errors is None else np.asarray(errors, float)
    if errors is None and at.size > POINTS:
        at = np.quantile(at, np.linspace(0, 1, POINTS), method="closest_observation")
    left, trained_spread = _left(predicted, at)
    untrained = _untrained(predicted, at)
    raw = untrained.mean(axis=0) + left.mean(axis=0)
    deviations, variance = _deviations(left, untrained, resampling)
    standard = np.sqrt(np.maximum(np.maximum(variance, trained_spread / predicted.n), SMALLEST_SE**2))
    critical = float(np.quantile(np.abs(deviations / standard).max(axis=1), resampling.level))
    low, high = raw - critical * standard, raw + critical * standard
    share = _rising(raw)
    low, high = np.maximum.accumulate(low).clip(0, 1), np.minimum.accumulate(high[::-1])[::-1].clip(0, 1)
    return RegressionEdf(at, share, np.minimum(low, share), np.maximum(high, share), resampling.level, critical)


def chances(predictions: np.ndarray, residuals: np.ndarray, at: np.ndarray) -> np.ndarray:
    """P(error <= e) (n, k) of networks of some predicted errors (n,), whose residuals (m,) are as those of others."""
    residuals = np.sort(residuals)
    return np.searchsorted(residuals, at[None, :] - predictions[:, None], side="right") / residuals.size


def _of_other_folds(predicted: Predicted) -> Iterator[tuple[int, np.ndarray]]:
    """Each fold, with the residuals of the others."""
    for k in range(len(predicted.by_fold)):
        yield k, predicted.residuals[predicted.residual_folds != k]


def _left(predicted: Predicted, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the chances of the trained networks got wrong (n, k), and the variance that they predict of that (k,).

    That variance counts one residual more to both sides (Laplace): none beyond a point do not mean that there is none.
    """
    chance = np.empty((predicted.n, at.size))
    for k, residuals in _of_other_folds(predicted):
        own = predicted.folds == k
        chance[own] = chances(predicted.fitted[own], residuals, at)
    m = predicted.residuals.size
    likely = (m * chance + 1) / (m + 2)
    return (predicted.errors[:, None] <= at) - chance, (likely * (1 - likely)).mean(axis=0)


def _untrained(predicted: Predicted, at: np.ndarray) -> np.ndarray:
    """Chances of the untrained networks (N, k), by models mixed as they predict the trained ones."""
    shares, free = predicted.fold_shares, np.zeros((predicted.by_fold.shape[1], at.size))
    for k, residuals in _of_other_folds(predicted):
        if shares[k]:
            free += shares[k] * chances(predicted.by_fold[k], residuals, at)
    return free


def _deviations(left: np.ndarray, untrained: np.ndarray, resampling: Resampling) -> tuple[np.ndarray, np.ndarray]:
    """How far resampled curves lie from the estimate (r, k), and their variance (k,).

    The mean over thousands of untrained networks is drawn from the normal distribution that it has.
    """
    rng = resampling.generator()
    centred = left - left.mean(axis=0)
    parts = []
    for start in range(0, resampling.resamples, rows_at_once(len(left))):
        rows = min(rows_at_once(len(left)), resampling.resamples - start)
        parts.append(drawn_counts(len(left), rows, rng) @ centred / len(left))
    covariance = np.atleast_2d(np.cov(untrained, rowvar=False)) / len(untrained)
    values, vectors = np.linalg.eigh(covariance)
    normal = rng.standard_normal((resampling.resamples, values.size))
    drawn = np.concatenate(parts) + (normal * np.sqrt(values.clip(0))) @ vectors.T
    return drawn, left.var(axis=0, ddof=1) / len(left) + np.diag(covariance)


def _rising(values: np.ndarray) -> np.ndarray:
    """The closest rising curve within [0, 1]."""
    return optimize.isotonic_regression(values).x.clip(0, 1)
