"""The error distribution of a design space from few trained networks and many that are only predicted.

F(e) is estimated as a mean is (`regression_estimate`), of the indicator that a network errs by at most e. Its
prediction is the probability of that given the network's predicted error, for which the residuals of all populations
that were fitted together are added to it. The band is simultaneous, from a bootstrap of networks with the fits as they
are (Zrnic and Candes 2024).
"""

from collections.abc import Iterator

import numpy as np

from netspaces.statistics.cross_fitting import Predicted
from netspaces.statistics.estimated_edf import EstimatedEdf
from netspaces.statistics.intervals import DEFAULT, Resampling
from netspaces.statistics.resampling import drawn_counts, rows_at_once

POINTS = 200  # at most, at which the curve is computed


def regression_edf(
    predicted: Predicted, errors: np.ndarray | None = None, resampling: Resampling = DEFAULT
) -> EstimatedEdf:
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
    variance = np.maximum(variance, trained_spread / predicted.n)
    return EstimatedEdf.resampled(at, raw, deviations, variance, resampling.level)


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
