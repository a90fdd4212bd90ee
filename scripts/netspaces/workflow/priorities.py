"""Which jobs run first: those that may show that nothing works, those that draw, then trainings, figure by figure.

The engine starts ready jobs of the highest priority first. So the first picture is there after a part of the time, and
figures follow one after the other instead of all of them at the end.
"""

from collections.abc import Callable
from typing import Any

from netspaces.configuration.configuration import Configuration

FIRST = "first_picture"
"""The study whose populations are trained first, where it is part of the run."""

CHECKING = 2_000_000  # of jobs that show what is impossible, before any training
DRAWING = 1_000_000  # of jobs that gather and draw what has been trained


def priorities_of(configuration: Configuration) -> dict[str, int]:
    """The priority of the trainings of each population of the run, by name: by the first study that shows it."""
    studies = sorted(configuration.run_studies, key=lambda study: study != FIRST)
    curves = [curve for study in studies for curve in configuration.own_curves(study)]
    names = list(dict.fromkeys(curve["population"] for curve in curves))
    return {name: len(names) - place for place, name in enumerate(names)}


def priority_by_wildcards(configuration: Configuration) -> Callable[[Any], int]:
    """The priority of a job by its wildcards, as rules take it; 0 for a population that no study of the run shows.

    Untrained networks, which figures rest on too, come right before the first population of their design space.
    """
    priorities = priorities_of(configuration)
    of_spaces: dict[tuple[str, str], int] = {}
    for study in configuration.run_studies:
        for curve in configuration.own_curves(study):
            place = (curve["space"], curve["regime"])
            of_spaces[place] = max(of_spaces.get(place, 0), priorities[curve["population"]] + 1)

    def priority_of(wildcards: Any) -> int:
        if hasattr(wildcards, "space"):
            return of_spaces.get((wildcards.space, wildcards.regime), 0)
        return priorities.get(wildcards.population, 0)

    return priority_of
