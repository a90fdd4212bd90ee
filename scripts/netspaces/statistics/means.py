"""Means of populations and weighted sums of them, with limits, and a warning where no limits can be trusted.

Bootstrap and Student's t see the networks that were drawn. Where a few networks of a space err much more than all
others, a sample may hold none of them, and both then end below the mean of the space, however they are computed.
"""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.estimated_mean import EstimatedMean, sum_of_estimates

SKEWED = 2.0  # skewness of errors above which intervals of means may end too soon
FEW = 50  # networks below which they may, whatever these networks look like


def sum_of_means(samples: Sequence[np.ndarray], weights: Sequence[float]) -> Confidence:
    """A sum of means of networks drawn at random, each times its weight, with limits as of any estimated means.

    Parameters
    ----------
    samples : (n_k,) values each, two or more.
    weights : of the means, (k,).

    Examples
    --------
    >>> of = sum_of_means([np.array([8.0, 9.0, 10.0, 11.0])], [1.0])
    >>> of.estimate, of.interval(0.95).low < 9.5 < of.interval(0.95).high
    (9.5, True)
    """
    return sum_of_estimates([EstimatedMean.at_random(sample) for sample in samples], weights)


def skewness(errors: np.ndarray) -> float:
    """Skewness of errors (n,), without correction for n; 0 where all are equal."""
    centred = errors - errors.mean()
    variance = float(np.mean(centred**2))
    return float(np.mean(centred**3)) / variance**1.5 if variance > 0 else 0.0


def careful(errors: np.ndarray) -> str:
    """Why the interval of a mean may end too soon, in words; empty where nothing speaks for it."""
    reasons = [f"n < {FEW}"] * (errors.size < FEW) + ["skewed"] * (skewness(errors) > SKEWED)
    return ", ".join(reasons)
