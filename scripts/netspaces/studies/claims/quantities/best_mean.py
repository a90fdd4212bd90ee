"""The value of the best of eight networks (of a quarter, if less), geometric mean over draws and populations."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.best import best_draws, resampled_mean_best
from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.bootstrap import bootstrapped
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity, check_positive


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The geometric mean."""

    check_positive(samples, claim)
    draws = best_draws(*map(len, samples))

    def geometric_mean(*counts: np.ndarray) -> np.ndarray:
        logs = [
            resampled_mean_best(np.log2(networks.value), networks.errors, drawn, draws)
            for networks, drawn in zip(samples, counts, strict=True)
        ]
        return np.asarray(2 ** (sum(logs, np.zeros(())) / len(samples)))

    return bootstrapped(samples, geometric_mean, resampling)


QUANTITY = PopulationQuantity(measure, fewest=1, most=MANY, of_best=True)
