"""The regression estimate: means of design spaces from few trained networks and many that are only predicted.

Structure is free, training is not. A model predicts the error of thousands of untrained networks of a space, and the
mean of these predictions is corrected by the mean of what the model got wrong on the trained ones (the rectifier). It
is right on average whatever the model is; how good the model is decides how sure one may be. A space whose few bad
networks are missing among the trained ones still has them among the untrained ones.

This is the difference estimator of survey sampling (Cassel, Sarndal and Wretman 1976), known as prediction-powered
inference (Angelopoulos and others 2023); the factor on predictions is that of PPI++ (Angelopoulos, Duchi and Zrnic
2023); models are those of other folds (`cross_fitting`; Zrnic and Candes 2024).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from netspaces.statistics.cross_fitting import Predicted
from netspaces.statistics.estimated_mean import EstimatedMean
from netspaces.statistics.intervals import Interval, satterthwaite, t_reach

TUNED_FROM = 100  # trained networks from which on the factor on predictions is estimated


@dataclass(frozen=True)
class RegressionMean:
    """The mean error of a design space; `estimate` and `error` in the unit of errors.

    `error` is the standard error, `plain_error` that of the plain mean of the trained networks, `factor` what
    predictions are multiplied by, `r2` the share of variance that they explain out of fold.
    """

    estimate: float
    error: float
    plain: float
    plain_error: float
    n: int
    untrained: int
    factor: float
    r2: float

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the standard error."""
        return self.n - 1

    @property
    def n_eff(self) -> float:
        """The number of trained networks whose plain mean would be as sure, if their spread is that of these."""
        return self.n * self.plain_error**2 / self.error**2 if self.error > 0 else float(self.n)

    def interval(self, level: float) -> Interval:
        """Student's t interval of the estimate."""
        return contrast([self], [1.0], level)

    def plain_interval(self, level: float) -> Interval:
        """Student's t interval of the plain mean."""
        reach = t_reach(self.plain_error, self.freedom, level)
        return Interval(self.plain, self.plain - reach, self.plain + reach, level)


def factor_of(predicted: Predicted, tuned_from: int = TUNED_FROM) -> float:
    """What predictions are multiplied by: 1 for few networks; from `tuned_from` on what makes the variance smallest.

    An estimated factor follows the tail of a small sample, so that the interval is too short.
    """
    if predicted.n < tuned_from:
        return 1.0
    spread = float(predicted.fitted.var(ddof=1))
    if spread == 0:
        return 1.0
    covariance = float(np.cov(predicted.errors, predicted.fitted)[0, 1])
    return float(np.clip(covariance / spread / (1 + predicted.n / predicted.by_fold.shape[1]), 0, 1))


def regression_mean(predicted: Predicted, factor: float | None = None) -> RegressionMean:
    """The mean of a design space from its trained and its untrained networks.

    Parameters
    ----------
    factor : on predictions; 0 is the plain mean, 1 the difference estimator, None for `factor_of`.
    """
    factor = factor_of(predicted) if factor is None else factor
    errors, n = predicted.errors, predicted.n
    left, free = errors - factor * predicted.fitted, predicted.untrained
    variance = left.var(ddof=1) / n + factor**2 * (free.var(ddof=1) / free.size if free.size > 1 else 0.0)
    return RegressionMean(
        estimate=float(factor * free.mean() + left.mean()),
        error=float(np.sqrt(variance)),
        plain=float(errors.mean()),
        plain_error=float(errors.std(ddof=1) / np.sqrt(n)),
        n=n,
        untrained=free.size,
        factor=factor,
        r2=predicted.r2,
    )


def estimated(predicted: Predicted) -> EstimatedMean:
    """The regression estimate as one of those that sums are made of: what predictions got wrong is resampled.

    What the untrained sample adds to the variance, a hundredth of it or so, is in that variance only.
    """
    mean = regression_mean(predicted)
    left = predicted.errors - mean.factor * predicted.fitted
    return EstimatedMean(mean.estimate, [left], [1.0], [(mean.error**2, mean.freedom)])


def contrast(means: Sequence[RegressionMean], weights: Sequence[float], level: float) -> Interval:
    """Sum of means, each times its weight, with the interval of Welch and Satterthwaite."""
    estimate = sum(weight * mean.estimate for weight, mean in zip(weights, means, strict=True))
    variances = [weight**2 * mean.error**2 for weight, mean in zip(weights, means, strict=True)]
    if not any(variances):
        return Interval.point(float(estimate), level)
    reach = t_reach(*satterthwaite(variances, [mean.freedom for mean in means]), level)
    return Interval(float(estimate), float(estimate - reach), float(estimate + reach), level)


def difference(a: RegressionMean, b: RegressionMean, level: float) -> Interval:
    """The first mean minus the second."""
    return contrast([a, b], [1.0, -1.0], level)


def steps(means: Sequence[RegressionMean], level: float) -> list[Interval]:
    """The differences from each mean to the next, whose intervals hold together (Bonferroni)."""
    each = 1 - (1 - level) / max(1, len(means) - 1)
    return [difference(a, b, each) for a, b in pairwise(means)]
