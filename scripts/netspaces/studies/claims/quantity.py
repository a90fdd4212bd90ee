"""Quantities of claims: how each is measured, of how many populations or which models, and what else it needs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.claim import Claim, Finding


@dataclass(frozen=True, eq=False)
class Networks:
    """The networks of one population that have everything a claim speaks of."""

    errors: np.ndarray  # (n,) percent
    flops: np.ndarray  # (n,)
    values: np.ndarray  # (n, k): the value that the claim is of, or several, then those it is compared with

    def __len__(self) -> int:
        return len(self.errors)

    @property
    def value(self) -> np.ndarray:
        """The first value of each network, (n,)."""
        return self.values[:, 0]


Measure = Callable[[Sequence[Networks], Claim, Resampling], Interval]
"""Takes the networks of each population, and gives the estimate with its interval."""


@dataclass(frozen=True)
class PopulationQuantity:
    """A quantity of trained networks.

    Parameters
    ----------
    measure : see `Measure`.
    fewest, most : populations.
    needs : further keys that a claim must have, in words; those it does not name, a claim may not have.
    of_best : whether it is one of best networks, which says nothing where all networks are alike in it.
    of_one_best : whether it has the paper's bootstrap range, at the level of a single claim.
    """

    measure: Measure
    fewest: int = 1
    most: float = 1
    needs: Mapping[str, str] = field(default_factory=dict)
    of_best: bool = False
    of_one_best: bool = False


@dataclass(frozen=True)
class SpaceQuantity:
    """A quantity of design spaces, which needs no networks.

    Parameters
    ----------
    measure : takes the resolved definitions, in order, and gives the exact value.
    fewest, most : design spaces.
    reason : what is special about the value.
    """

    measure: Callable[[Sequence[Mapping]], float]
    fewest: int
    most: float
    reason: str
    needs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelQuantity:
    """A quantity of published models.

    Parameters
    ----------
    measure : takes a claim, the models' structure, what was measured of them and the level, and gives a finding.
    models : the lists of models that it takes, in words.
    fits : whether it takes some lists of models.
    """

    measure: Callable[[Claim, pd.DataFrame, Mapping[str, pd.DataFrame], float], Finding]
    models: str
    fits: Callable[[Sequence[Sequence[str]]], bool]


Quantity = PopulationQuantity | SpaceQuantity | ModelQuantity


def populations_text(quantity: PopulationQuantity | SpaceQuantity) -> str:
    """The number of populations that a quantity takes, in words."""
    return str(quantity.fewest) if quantity.fewest == quantity.most else f"at least {quantity.fewest}"


MANY = math.inf  # populations
