"""Expected error of the best of half as many draws as `draws` minus that of `draws`."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.resampling import expected_best
from netspaces.studies.claims.bootstrap import searched
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """What twice as large a search gains."""
    (networks,) = samples

    def gain(draws: int, counts: np.ndarray) -> np.ndarray:
        half = expected_best(networks.errors, counts, max(1, draws // 2))
        return half - expected_best(networks.errors, counts, draws)

    return searched(samples, claim.draws, gain, resampling)


QUANTITY = PopulationQuantity(measure, takes=("draws",))
