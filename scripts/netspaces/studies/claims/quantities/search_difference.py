"""Expected error of the best of `draws` random networks, first minus second."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.resampling import expected_best
from netspaces.studies.claims.bootstrap import searched
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The difference of two searches of equal size."""
    first, second = samples

    def difference(draws: int, counts: np.ndarray, other_counts: np.ndarray) -> np.ndarray:
        return expected_best(first.errors, counts, draws) - expected_best(second.errors, other_counts, draws)

    return searched(samples, claim.draws, difference, resampling)


QUANTITY = PopulationQuantity(measure, fewest=2, most=2, takes=("draws",))
