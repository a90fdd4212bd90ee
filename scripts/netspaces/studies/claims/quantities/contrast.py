"""Sum of means, each times its weight."""

from collections.abc import Sequence

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.estimated_mean import sum_of_estimates
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def contrast(samples: Sequence[Networks], weights: Sequence[float]) -> Confidence:
    """The sum of the populations' means, each times its weight, with the limits of estimated means."""
    return sum_of_estimates([networks.mean for networks in samples], weights)


def differences(samples: Sequence[Networks]) -> list[Confidence]:
    """The means of the first half of the populations minus those of the second."""
    return [contrast(pair, (1.0, -1.0)) for pair in halves(samples)]


def halves(samples: Sequence[Networks]) -> list[tuple[Networks, Networks]]:
    """The populations of the first half, each with that of its place in the second half."""
    half = len(samples) // 2
    return list(zip(samples[:half], samples[half:], strict=True))


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The contrast of the claim's weights."""
    return contrast(samples, claim.weights)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, needs={"weights": "one per population"}, resampled=False)
