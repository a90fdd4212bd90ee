"""Quantities of claims: how each is measured, of how many populations or which models, and what else it needs."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from netspaces.files.suggestions import one_of
from netspaces.statistics.confidence import Confidence
from netspaces.statistics.cross_fitting import Predicted
from netspaces.statistics.estimated_mean import EstimatedMean
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.statistics.regression_estimate import estimated
from netspaces.statistics.two_phase import TwoPhase
from netspaces.studies.claims.claim import Claim, Finding
from netspaces.studies.claims.quantities import QUANTITIES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Networks:
    """The networks of one population that have everything a claim speaks of."""

    errors: np.ndarray  # (n,) percent
    flops: np.ndarray  # (n,)
    values: np.ndarray  # (n, k): the value that the claim is of, or several, then those it is compared with
    predicted: Predicted | None = None  # of the same networks: then means of errors are regression estimates
    is_weighed: bool = False  # of a population in two phases: then means of errors are weighted ones
    phases: TwoPhase | None = None  # of such a population; None where a stratum has too few runs

    def __len__(self) -> int:
        return len(self.errors)

    @property
    def value(self) -> np.ndarray:
        """The first value of each network, (n,)."""
        return self.values[:, 0]

    @property
    def mean(self) -> EstimatedMean:
        """The mean of the first value, as well as it can be told."""
        if self.phases is not None:
            return self.phases.estimated
        return EstimatedMean.at_random(self.value) if self.predicted is None else estimated(self.predicted)


def check_positive(samples: Sequence[Networks], claim: Claim) -> None:
    """Raise ValueError for values without a logarithm."""
    if not all((networks.value > 0).all() for networks in samples):
        raise ValueError(f"{claim.name}: {claim.value} is not above 0 in all networks, as logarithms need")


Measure = Callable[[Sequence[Networks], Claim, Resampling], Confidence | Interval]
"""Takes the networks of each population, and gives the estimate with limits at every level, or its interval at one."""


@dataclass(frozen=True)
class PopulationQuantity:
    """A quantity of trained networks.

    Parameters
    ----------
    measure : see `Measure`.
    fewest, most : populations.
    needs : further keys that a claim must have, in words.
    takes : further keys that a claim may have; those that are in neither, it may not.
    of_best : whether it is one of best networks, which says nothing where all networks are alike in it.
    paired : whether populations of a first half have partners in the second.
    resampled : whether its limits rest on resamples, as far as it knows.
    """

    measure: Measure
    fewest: int = 1
    most: float = 1
    needs: Mapping[str, str] = field(default_factory=dict)
    takes: Collection[str] = ("value",)
    of_best: bool = False
    paired: bool = False
    resampled: bool = True


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
    takes: Collection[str] = ()


@dataclass(frozen=True)
class ModelQuantity:
    """A quantity of published models.

    Parameters
    ----------
    measure : takes a claim, the models' structure and what was measured of them, and gives a finding.
    models : the lists of models that it takes, in words.
    fits : whether it takes some lists of models.
    values : what a claim may be of; `error` is that of one which does not say.
    """

    measure: "Callable[[Claim, pd.DataFrame, Mapping[str, pd.DataFrame]], Finding]"
    models: str
    fits: Callable[[Sequence[Sequence[str]]], bool]
    values: Collection[str] = ("error",)


Quantity = PopulationQuantity | SpaceQuantity | ModelQuantity


def confidence_of(
    quantity: PopulationQuantity, samples: Sequence[Networks], claim: Claim, resampling: Resampling
) -> Confidence:
    """What a quantity measures, with limits at every level.

    One that gives an interval at a level is asked again for each level.
    """
    found = quantity.measure(samples, claim, resampling)
    if isinstance(found, Confidence):
        return found
    if found.low == found.high:
        return Confidence.point(found.estimate)

    def at(error: float) -> Interval:
        asked = quantity.measure(samples, claim, resampling.at(max(1 - 2 * error, 1e-6)))
        assert isinstance(asked, Interval)
        return asked

    return Confidence(found.estimate, lambda error: at(error).low, lambda error: at(error).high)


def counted(quantity: PopulationQuantity | SpaceQuantity) -> str:
    """The number of populations that a quantity takes, in words."""
    return str(quantity.fewest) if quantity.fewest == quantity.most else f"at least {quantity.fewest}"


def quantity_of(claim: Claim, kinds: tuple[type, ...]) -> Quantity:
    """The quantity of a claim, if it is one of some kinds; raises ValueError otherwise."""
    quantity = QUANTITIES.get(claim.quantity)
    if quantity is None or not isinstance(quantity, kinds):
        names = [name for name, entry in QUANTITIES.items() if isinstance(entry, kinds)]
        raise ValueError(f"{claim.name}.quantity: got {claim.quantity!r}, expected {one_of(claim.quantity, names)}")
    return quantity


MANY = math.inf  # populations
