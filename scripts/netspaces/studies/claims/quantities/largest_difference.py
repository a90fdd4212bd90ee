"""The largest difference of means without its sign, of populations paired as in `smallest_difference`."""

from collections.abc import Sequence

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.contrast import differences
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def largest(each: Sequence[Interval], resampling: Resampling) -> Interval:
    """The largest of some intervals without their signs; limits are the largest of those that hold together."""
    sizes = [(abs(of.estimate), max(0.0, of.low, -of.high), max(abs(of.low), abs(of.high))) for of in each]
    estimate, low, high = (max(ends) for ends in zip(*sizes, strict=True))
    return Interval(float(estimate), float(low), float(high), resampling.level)


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """The largest of all differences."""
    return largest(differences(samples, resampling), resampling)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, paired=True)
