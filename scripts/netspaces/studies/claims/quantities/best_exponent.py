"""k in value ~ flops^k for the best of eight networks of each population (of a quarter of them, if that is less)."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.best import best_draws, resampled_mean_best
from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.studies.claims.bootstrap import bootstrapped
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity, check_positive


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The exponent, by least squares of the mean logarithms of the best networks."""

    if not all(np.isfinite(networks.flops).all() for networks in samples):
        raise ValueError(f"{claim.name}: a population has no column flops, which an exponent needs")
    check_positive(samples, claim)
    draws = best_draws(*map(len, samples))

    def slope(*counts: np.ndarray) -> np.ndarray:
        x, y = [], []
        for networks, drawn in zip(samples, counts, strict=True):
            x.append(resampled_mean_best(np.log2(networks.flops), networks.errors, drawn, draws))
            y.append(resampled_mean_best(np.log2(networks.value), networks.errors, drawn, draws))
        flops, values = (np.stack(np.broadcast_arrays(*means)) for means in (x, y))
        flops = flops - flops.mean(0)
        return (flops * values).sum(0) / (flops * flops).sum(0)

    return bootstrapped(samples, slope, resampling)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY)
