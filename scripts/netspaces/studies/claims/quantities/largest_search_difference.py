"""The largest `search_difference` without its sign, of populations paired as in `smallest_difference`."""

from collections.abc import Sequence

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities import search_difference
from netspaces.studies.claims.quantities.contrast import halves
from netspaces.studies.claims.quantities.largest_difference import largest
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """The largest of all differences of two searches."""
    pairs = halves(samples)
    each = resampling.simultaneous(len(pairs))
    return largest([search_difference.measure(pair, claim, each) for pair in pairs], resampling)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, takes=("draws",), paired=True)
