"""The largest `search_difference` without its sign, of populations paired as in `smallest_difference`."""

from collections.abc import Sequence

from netspaces.statistics.confidence import Confidence, largest_size
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities import search_difference
from netspaces.studies.claims.quantities.contrast import halves
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The largest of all differences of two searches."""
    return largest_size([search_difference.measure(pair, claim, resampling) for pair in halves(samples)])


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, takes=("draws",), paired=True)
