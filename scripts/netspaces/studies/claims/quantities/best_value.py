"""The value of the best of eight networks (of a quarter, if that is less), mean over draws."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.best import resampled_mean_best
from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.bootstrap import bootstrapped
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The mean, in the unit of the value."""
    (networks,) = samples

    def mean(counts: np.ndarray) -> np.ndarray:
        return resampled_mean_best(networks.value, networks.errors, counts)

    return bootstrapped(samples, mean, resampling)


QUANTITY = PopulationQuantity(measure, of_best=True)
