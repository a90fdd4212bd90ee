"""A design space of which one network in twenty fails, and populations of it that are drawn in two phases."""

from dataclasses import replace

import numpy as np
from netspaces.populations.strata import with_strata
from netspaces.statistics.strata import design
from netspaces.statistics.two_phase import TwoPhase
from netspaces.studies.study import Curve

from helpers.invented import curve

FREE = 2000
STRATA = [
    {"from": 5.0, "free": 1900, "indices": list(range(8))},
    {"from": 12.5, "free": 100, "indices": [8, 9, 10, 11]},
]
ERRORS = np.r_[np.linspace(6, 8, 8), 20.0, 30.0, 40.0, 50.0]


def chosen(space: str, runs: int = 12, shift: float = 0.0) -> Curve:
    """A curve of a population in two strata, of which the first runs are there; its errors are those of `ERRORS`."""
    of = curve(space)
    table = of.table.iloc[:12].assign(error_min=ERRORS + shift, index=range(12))
    table = with_strata(table, STRATA)[:runs]
    return replace(of, population=f"{of.population}-two_phase", table=table, planned=12)


def one_stratum(errors: np.ndarray, free: int = 10**9) -> TwoPhase:
    """A population that was drawn at random, of which one stratum is the whole space."""
    return TwoPhase.of(errors, np.zeros(len(errors)), [1.0], free)


def population(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Depths and errors of n networks: of 20 blocks in all, those of the fewest fail."""
    depth = rng.integers(4, 24, n)
    good = np.exp(rng.normal(np.log(7.2), 0.25, n)) + 0.05 * (24 - depth)
    return depth, np.where(depth == 4, np.clip(rng.normal(36, 11, n), 12, 90), good)


def drawn(rng: np.random.Generator, networks: int, strata: int) -> TwoPhase:
    """A population drawn in two phases; a pilot says of each depth, roughly, how networks err."""
    pilot_depth, pilot = population(rng, 200)
    slope = 1 / np.maximum(pilot_depth - 3, 1) ** 2  # a model that is wrong, as models are

    def predicted(depth):
        return np.polyval(np.polyfit(slope, pilot, 1), 1 / np.maximum(depth - 3, 1) ** 2)

    depth, errors = population(rng, FREE)
    found = design(predicted(depth), predicted(pilot_depth), pilot - predicted(pilot_depth), networks, strata)
    place = np.repeat(range(len(found)), [stratum.networks for stratum in found])
    chosen = np.concatenate([stratum.chosen for stratum in found])
    return TwoPhase.of(errors[chosen], place, [s.members.size / FREE for s in found], FREE)
