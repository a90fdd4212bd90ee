"""Mean of the first population minus mean of the second."""

from collections.abc import Sequence

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.contrast import contrast
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """The difference, with the interval of a contrast."""
    return contrast(samples, (1.0, -1.0), resampling)


QUANTITY = PopulationQuantity(measure, fewest=2, most=2)
