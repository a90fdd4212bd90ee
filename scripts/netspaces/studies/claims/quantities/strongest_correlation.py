"""The largest of the rank correlations of several values with the error, without sign."""

from collections.abc import Sequence

from netspaces.statistics.confidence import Confidence, largest_size
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.rank_correlation import rank_correlation
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The largest correlation."""
    (networks,) = samples
    values = networks.values.T[: len(claim.values)]
    return largest_size([rank_correlation(networks, of, resampling) for of in values])


QUANTITY = PopulationQuantity(measure, needs={"values": "at least 1"}, takes=())
