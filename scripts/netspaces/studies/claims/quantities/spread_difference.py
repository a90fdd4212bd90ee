"""How far the mean lies above the expected best of `draws` random networks, first minus second."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.resampling import expected_best
from netspaces.studies.claims.bootstrap import resampled_mean, searched
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The difference of two spreads at searches of equal size."""

    def spread(networks: Networks, draws: int, counts: np.ndarray) -> np.ndarray:
        return resampled_mean(networks.value, counts) - expected_best(networks.errors, counts, draws)

    def difference(draws: int, counts: np.ndarray, other_counts: np.ndarray) -> np.ndarray:
        return spread(samples[0], draws, counts) - spread(samples[1], draws, other_counts)

    return searched(samples, claim.draws, difference, resampling)


QUANTITY = PopulationQuantity(measure, fewest=2, most=2, takes=("draws",))
