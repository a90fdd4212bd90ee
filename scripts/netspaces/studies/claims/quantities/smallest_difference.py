"""The smallest difference of means, each of the first half of the populations minus its partner in the second half."""

from collections.abc import Sequence

from netspaces.statistics.confidence import Confidence, smallest
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.contrast import differences
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The smallest of all differences."""
    return smallest(differences(samples))


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, paired=True, resampled=False)
