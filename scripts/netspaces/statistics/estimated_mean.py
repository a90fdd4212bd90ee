"""Means of design spaces, however each was estimated, and weighted sums of them.

An estimate is a sum of means of independent samples, each times its share: one sample of networks drawn at random, one
of what predictions got wrong, or one per stratum of networks drawn in two phases. Estimates of different kinds can
stand in one sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netspaces.statistics.bootstrap_tails import weighted_means
from netspaces.statistics.confidence import Confidence, student, wider
from netspaces.statistics.intervals import satterthwaite


@dataclass(frozen=True, eq=False)
class EstimatedMean:
    """The mean of a design space, in the unit of its values.

    Parameters
    ----------
    estimate : the mean.
    samples : (n_k,) values each, which are resampled.
    shares : of the samples' means in the estimate, (k,). What else the estimate consists of is a constant to resamples.
    variances : (variance, degrees of freedom) of each independent part of the estimate.
    """

    estimate: float
    samples: Sequence[np.ndarray]
    shares: Sequence[float]
    variances: Sequence[tuple[float, float]]

    @classmethod
    def at_random(cls, values: np.ndarray) -> "EstimatedMean":
        """The mean of networks drawn at random, from their values (n,), two or more."""
        return cls(float(values.mean()), [values], [1.0], [(float(values.var(ddof=1)) / values.size, values.size - 1)])


def sum_of_estimates(means: Sequence[EstimatedMean], weights: Sequence[float]) -> Confidence:
    """A sum of estimated means, each times its weight, with the wider of two limits.

    The BCa bootstrap's, within each sample, are fair to skewed values; Welch's t (Satterthwaite's degrees of freedom)
    is fair to few networks, and has what resamples do not see in its variance.

    Parameters
    ----------
    weights : of the means, (k,).
    """
    estimate = float(sum(weight * mean.estimate for weight, mean in zip(weights, means, strict=True)))
    parts = [(w**2 * of, freedom) for w, m in zip(weights, means, strict=True) for of, freedom in m.variances]
    error, freedom = satterthwaite(*zip(*parts, strict=True))
    if error <= 1e-12 * (1 + abs(estimate)):
        return Confidence.point(estimate)
    samples = [sample for mean in means for sample in mean.samples]
    shares = [w * share for w, mean in zip(weights, means, strict=True) for share in mean.shares]
    bootstrap = weighted_means(samples, shares)
    moved = estimate - bootstrap.estimate
    shifted = Confidence(estimate, lambda e: bootstrap.lower(e) + moved, lambda e: bootstrap.upper(e) + moved)
    return wider(student(estimate, error, freedom), shifted)
