"""How large a design space is, before regime and constraints (paper table 1)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from netspaces.spaces.space import Space

QUANTISED = 64  # levels at which the paper counts a parameter of a rule, such as RegNet's, that it calls continuous


@dataclass(frozen=True)
class Size:
    """How large a design space is: dimensions, and the number of its combinations of values counted two ways."""

    dimensions: int
    paper_count: float
    exact_count: int


def count(definition: Mapping) -> Size:
    """Count the combinations of parameter values of a design space.

    `paper_count` divides an ordered parameter's combinations by k! as the paper does, and takes `paper_levels` of each.
    `exact_count` counts the steps that are sampled, and ordered combinations with ties, C(levels + k - 1, k).
    """
    space = Space.from_definition(definition)
    dimensions, paper, exact = 0, 1.0, 1
    for name, distribution in space.parameters.items():
        levels, values = distribution.levels, space.values_per_draw(name)
        if levels == 1:
            continue
        order, chosen = space.monotone.get(name, ("free", ()))
        k, theirs = len(chosen), paper_levels(space, name)
        dimensions += values - k + 1 if order == "equal" else values
        if order == "equal":
            paper, exact = paper * theirs ** (values - k + 1), exact * levels ** (values - k + 1)
        elif order == "free":
            paper, exact = paper * theirs**values, exact * levels**values
        else:
            paper *= theirs**values / math.factorial(k)
            exact *= math.comb(levels + k - 1, k) * levels ** (values - k)
    return Size(dimensions, paper, exact)


def paper_levels(space: Space, name: str) -> int:
    """The values of a parameter as the paper counts them: at most 64 of one that all stages follow from by a rule."""
    levels = space.parameters[name].levels
    of_a_rule = name in space.family.rule and name not in space.family.per_stage
    return min(levels, QUANTISED) if of_a_rule else levels
