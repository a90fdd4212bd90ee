"""Pearson's correlation of the value with the first of `against`, minus that with the second, if any."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.bootstrap import bootstrapped
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The correlation over the networks of all populations; resamples keep each population's size."""
    values, *others = np.concatenate([networks.values for networks in samples]).T

    def statistic(*drawn: np.ndarray) -> np.ndarray:
        leading = np.broadcast_shapes(*(counts.shape[:-1] for counts in drawn))
        counts = np.concatenate([np.broadcast_to(c, (*leading, c.shape[-1])) for c in drawn], axis=-1)
        correlations = [pearson(values, other, counts) for other in others]
        return correlations[0] - correlations[1] if len(correlations) == 2 else correlations[0]

    return bootstrapped(samples, statistic, resampling)


def pearson(x: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Pearson's correlation (...,) of values (n,), each as often as counts (..., n) say."""
    n = counts.sum(-1)
    x, y = (v - ((counts * v).sum(-1) / n)[..., None] for v in (x, y))
    return (counts * x * y).sum(-1) / np.sqrt((counts * x * x).sum(-1) * (counts * y * y).sum(-1))


QUANTITY = PopulationQuantity(measure, fewest=1, most=MANY, needs={"against": "1 or 2"})
