"""The value of the best network: the paper's bootstrap."""

from collections.abc import Sequence

from netspaces.statistics.best import empirical_bootstrap_exact
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.bootstrap import BEST
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """Median and central range of the best value."""
    (networks,) = samples
    best = empirical_bootstrap_exact(networks.value, networks.errors, BEST, resampling.level)
    return Interval(best.median, best.low, best.high, resampling.level)


QUANTITY = PopulationQuantity(measure, of_best=True, of_one_best=True)
