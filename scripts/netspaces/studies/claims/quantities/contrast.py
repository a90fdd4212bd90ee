"""Sum of means, each times its weight."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.intervals import Interval, Resampling, satterthwaite, t_reach
from netspaces.studies.claims.bootstrap import bootstrapped, resampled_mean
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def contrast(samples: Sequence[Networks], weights: Sequence[float], resampling: Resampling) -> Interval:
    """The wider of the bootstrap's interval, which is fair to skewed errors, and Welch's t, fair to few networks."""

    def weighted_means(*counts: np.ndarray) -> np.ndarray:
        means = [resampled_mean(networks.value, drawn) for networks, drawn in zip(samples, counts, strict=True)]
        return sum((weight * mean for weight, mean in zip(weights, means, strict=True)), np.zeros(()))

    interval = bootstrapped(samples, weighted_means, resampling)
    variances = [
        weight**2 * networks.value.var(ddof=1) / len(networks)
        for weight, networks in zip(weights, samples, strict=True)
    ]
    if not any(variances):
        return interval
    reach = t_reach(*satterthwaite(variances, [len(networks) - 1 for networks in samples]), resampling.level)
    return interval.widened(interval.estimate - reach, interval.estimate + reach)


def differences(samples: Sequence[Networks], resampling: Resampling) -> list[Interval]:
    """The means of the first half of the populations minus those of the second, with intervals that hold together."""
    pairs = halves(samples)
    each = resampling.simultaneous(len(pairs))
    return [contrast(pair, (1.0, -1.0), each) for pair in pairs]


def halves(samples: Sequence[Networks]) -> list[tuple[Networks, Networks]]:
    """The populations of the first half, each with that of its place in the second half."""
    half = len(samples) // 2
    return list(zip(samples[:half], samples[half:], strict=True))


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """The contrast of the claim's weights."""
    return contrast(samples, claim.weights, resampling)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, needs={"weights": "one per population"})
