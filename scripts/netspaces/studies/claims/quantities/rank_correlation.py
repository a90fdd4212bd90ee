"""Spearman's rank correlation of the value with the error."""

from collections.abc import Sequence

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.resampling import spearman
from netspaces.studies.claims.bootstrap import bootstrapped
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import Networks, PopulationQuantity


def rank_correlation(networks: Networks, values: np.ndarray, resampling: Resampling) -> Confidence:
    """The rank correlation of some values (n,) of the networks with their errors."""

    def correlation(counts: np.ndarray) -> np.ndarray:
        return spearman(values, networks.errors, counts)

    return bootstrapped([networks], correlation, resampling)


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The rank correlation of the claim's value."""
    (networks,) = samples
    return rank_correlation(networks, networks.value, resampling)


QUANTITY = PopulationQuantity(measure)
