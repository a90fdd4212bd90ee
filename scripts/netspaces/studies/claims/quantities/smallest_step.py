"""The smallest difference from one mean to the next: above 0 if they stand in order."""

from collections.abc import Sequence
from itertools import pairwise

from netspaces.statistics.confidence import Confidence, smallest
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.contrast import contrast
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The smallest step."""
    return smallest([contrast(pair, (1.0, -1.0)) for pair in pairwise(samples)])


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, resampled=False)
