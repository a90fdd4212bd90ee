"""Mean of the first population minus mean of the second."""

from collections.abc import Sequence

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.contrast import contrast
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The difference, with the limits of a contrast."""
    return contrast(samples, (1.0, -1.0))


QUANTITY = PopulationQuantity(measure, fewest=2, most=2, resampled=False)
