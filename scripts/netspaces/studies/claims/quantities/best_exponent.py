"""k in value ~ flops^k for the best of a quarter of the networks of each population."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.best import resampled_mean_best
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.bootstrap import BEST, bootstrapped
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity, check_positive


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """The exponent, by least squares of the mean logarithms of the best networks."""

    if not all(np.isfinite(networks.flops).all() for networks in samples):
        raise ValueError(f"{claim.name}: a population has no column flops, which an exponent needs")
    check_positive(samples, claim)

    def slope(*counts: np.ndarray) -> np.ndarray:
        x, y = [], []
        for networks, drawn in zip(samples, counts, strict=True):
            x.append(resampled_mean_best(np.log2(networks.flops), networks.errors, drawn, BEST))
            y.append(resampled_mean_best(np.log2(networks.value), networks.errors, drawn, BEST))
        flops, values = (np.stack(np.broadcast_arrays(*means)) for means in (x, y))
        flops = flops - flops.mean(0)
        return (flops * values).sum(0) / (flops * flops).sum(0)

    return bootstrapped(samples, slope, resampling)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY)
