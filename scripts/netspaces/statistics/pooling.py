"""One answer from several settings: the random-effects mean of differences that were measured in each, and its spread.

A difference that is asked in eight settings has eight intervals, each from few networks. Its mean over settings like
these, and what to expect of another setting, rest on all networks.

Sources: Hartung and Knapp (2001) for the interval of the mean, Paule and Mandel (1982) for the variance between
settings, Higgins, Thompson and Spiegelhalter (2009) for the prediction interval.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_limits

GRID = 2000  # values of the variance between settings
FEWEST = 3  # settings: the spread between two is no spread


@dataclass(frozen=True)
class Pooled:
    """What several settings say together, in the unit of the estimates."""

    mean: Interval  # over settings like these
    another: Interval  # the same estimate, with the limits within which the value in another setting lies
    between: float  # standard deviation of the true values between settings
    settings: int
    positive: int  # settings whose estimate is above 0


def pooled(estimates: ArrayLike, errors: ArrayLike, resampling: Resampling = DEFAULT) -> Pooled:
    """Random-effects mean of estimates from several settings, and a prediction interval for another one.

    The interval of the mean is Hartung and Knapp's, no narrower than that of known variances, so that settings which
    agree by chance do not pretend to more than their networks know.

    Parameters
    ----------
    estimates, errors : (k,) estimate and standard error of each setting, finite, errors above 0; k of `FEWEST` or more.
    resampling : level of both intervals; resamples and seed of the other settings that are drawn.

    Raises
    ------
    ValueError : for fewer settings, or values that are not finite, or errors that are not above 0.

    Examples
    --------
    >>> together = pooled([2.0, 3.0, 1.0, 2.5], [0.5, 0.5, 0.5, 0.5])
    >>> round(together.mean.estimate, 3), together.positive
    (2.125, 4)
    """
    from statsmodels.stats.meta_analysis import combine_effects  # here as in `statistics.intervals`

    estimates, errors = np.asarray(estimates, float), np.asarray(errors, float)
    level = resampling.level
    if estimates.shape != errors.shape or estimates.ndim != 1 or estimates.size < FEWEST:
        raise ValueError(f"estimates: got shape {estimates.shape}, expected ({FEWEST} or more,), one error of each")
    if not (np.isfinite(estimates).all() and np.isfinite(errors).all() and (errors > 0).all()):
        raise ValueError("estimates, errors: expected finite numbers, errors above 0")
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # of measures that are not used here
        combined = combine_effects(estimates, errors**2, method_re="iterated", alpha=1 - level)
    mean, variance, k = combined.mean_effect_re, max(combined.tau2, 0.0), estimates.size
    error = max(combined.sd_eff_w_re_hksj, combined.sd_eff_w_re)
    half = error * stats.t.ppf((1 + level) / 2, k - 1)
    low, high = percentile_limits(_other_settings(estimates, errors, resampling), level)
    return Pooled(
        mean=Interval(float(mean), float(mean - half), float(mean + half), level),
        another=Interval(float(mean), float(low), float(high), level),
        between=float(np.sqrt(variance)),
        settings=k,
        positive=int((estimates > 0).sum()),
    )


def _other_settings(estimates: np.ndarray, errors: np.ndarray, resampling: Resampling) -> np.ndarray:
    """True values (resamples,) in other settings, drawn from what these settings let one know.

    The variance between settings is drawn from its confidence distribution: the weighted sum of squares around the
    mean, as a function of that variance, is chi-squared with k - 1 degrees of freedom.
    """
    rng, k = resampling.generator(), estimates.size
    spread = max(np.ptp(estimates), errors.max())
    variances = np.r_[0.0, np.geomspace(1e-6, 1e6, GRID) * spread**2]
    weights = 1 / (errors**2 + variances[:, None])
    means = (weights * estimates).sum(1) / weights.sum(1)
    squares = (weights * (estimates - means[:, None]) ** 2).sum(1)
    drawn = np.interp(-rng.chisquare(k - 1, resampling.resamples), -squares, np.arange(len(variances)))
    variance = np.interp(drawn, np.arange(len(variances)), variances)
    mean = np.interp(drawn, np.arange(len(variances)), means)
    scatter = np.sqrt(np.maximum(squares / (k - 1), 1.0) / weights.sum(1))
    error = np.interp(drawn, np.arange(len(variances)), scatter)
    drawn_mean = mean + error * rng.standard_t(k - 1, resampling.resamples)
    return drawn_mean + np.sqrt(variance) * rng.standard_normal(resampling.resamples)
