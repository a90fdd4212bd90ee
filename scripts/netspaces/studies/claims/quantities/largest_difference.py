"""The largest difference of means without its sign, of populations paired as in `smallest_difference`."""

from collections.abc import Sequence

from netspaces.statistics.confidence import Confidence, largest_size
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.contrast import differences
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The largest of all differences."""
    return largest_size(differences(samples))


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, paired=True, resampled=False)
