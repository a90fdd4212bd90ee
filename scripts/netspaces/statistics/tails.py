"""The bad end of an error distribution: how much of a mean it carries, and what its networks have in common.

Means of design spaces differ mostly by the share of networks that learn nothing. A reader who sees means alone misses
that; a condition on one property, such as a depth of at most 6 blocks, often says all of it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.samples import finite_sample

FAR = 2.0  # times the median error: a network beyond is in the tail
WORST = 0.1  # share of networks


@dataclass(frozen=True)
class Condition:
    """A bound on one property that tells a tail from the rest."""

    name: str
    bound: float
    above: bool  # whether the tail lies above the bound, else at it or below
    recall: float  # share of the tail that meets it
    share: float  # share of all networks that meet it

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Which values (n,) meet it."""
        return values > self.bound if self.above else values <= self.bound

    def __str__(self) -> str:
        return f"{self.name} {'>' if self.above else '≤'} {self.bound:.4g}"


def carried_by_worst(errors: ArrayLike, share: float = WORST) -> float:
    """The share of the sum of errors (n,) that the worst networks carry; at least one network counts as worst."""
    errors = np.sort(finite_sample(errors, "errors"))
    worst = max(1, math.floor(share * errors.size))
    return float(errors[-worst:].sum() / errors.sum()) if errors.sum() else math.nan


def far_from(errors: ArrayLike, middle: float) -> np.ndarray:
    """Which of some errors (n,) lie in the tail: beyond `FAR` times a median error."""
    return np.asarray(errors, float) > FAR * middle


def telling_condition(is_tail: np.ndarray, properties: Mapping[str, np.ndarray]) -> Condition | None:
    """The bound on one property that tells a tail best: that of the largest balanced accuracy.

    Parameters
    ----------
    is_tail : (n,) which networks are in the tail.
    properties : (n,) each, by name, in the order in which the first of equals counts.

    Returns
    -------
    None where all networks or none are in the tail, or no property differs.
    """
    tail = np.asarray(is_tail, bool)
    if not tail.any() or tail.all():
        return None
    found, best = None, 0.5
    for name, values in properties.items():
        values = np.asarray(values, float)
        order = np.argsort(values, kind="stable")
        ordered, among = values[order], tail[order]
        ends = np.flatnonzero(np.diff(ordered) > 0)  # last place of each value but the largest
        if not ends.size:
            continue
        recall = np.cumsum(among)[ends] / tail.sum()  # of the tail at the bound or below
        wrong = np.cumsum(~among)[ends] / (~tail).sum()
        accuracy = (1 + recall - wrong) / 2
        place = int(np.argmax(np.abs(accuracy - 0.5)))
        above = bool(accuracy[place] < 0.5)
        quality = 1 - accuracy[place] if above else accuracy[place]
        if quality > best + 1e-12:
            best, bound = float(quality), float(ordered[ends[place]])
            met = values > bound if above else values <= bound
            found = Condition(name, bound, above, float(met[tail].mean()), float(met.mean()))
    return found
