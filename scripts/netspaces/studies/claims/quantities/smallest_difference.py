"""The smallest difference of means, each of the first half of the populations minus its partner in the second half."""

from collections.abc import Sequence

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.contrast import differences
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """The smallest; its limits are the smallest limits of differences that hold together."""
    each = differences(samples, resampling)
    estimate, low, high = (min(getattr(of, end) for of in each) for end in ("estimate", "low", "high"))
    return Interval(estimate, low, high, resampling.level)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, paired=True)
