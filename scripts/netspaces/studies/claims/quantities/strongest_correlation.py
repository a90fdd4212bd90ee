"""The largest of the rank correlations of several values with the error, without sign."""

from collections.abc import Sequence

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.largest_difference import largest
from netspaces.studies.claims.quantities.rank_correlation import rank_correlation
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """The largest correlation; its limits are the largest limits of correlations that hold together."""
    (networks,) = samples
    each = resampling.simultaneous(len(claim.values))
    intervals = [rank_correlation(networks, values, each) for values in networks.values.T[: len(claim.values)]]
    return largest(intervals, resampling)


QUANTITY = PopulationQuantity(measure, needs={"values": "at least 1"}, takes=())
