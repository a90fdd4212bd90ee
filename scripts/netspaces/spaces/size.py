"""How large a design space is, before regime and constraints (paper table 1)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from netspaces.spaces.space import Space


@dataclass(frozen=True)
class Size:
    """How large a design space is: dimensions, and the number of its combinations of values counted two ways."""

    dimensions: int
    paper_count: float
    exact_count: int


def count(definition: Mapping) -> Size:
    """Count the combinations of parameter values of a design space.

    `paper_count` divides an ordered parameter's combinations by k! as the paper does, `exact_count` counts the ordered
    combinations with ties, C(levels + k - 1, k).
    """
    space = Space.from_definition(definition)
    dimensions, paper, exact = 0, 1.0, 1
    for name, distribution in space.parameters.items():
        levels, values = distribution.levels, space.values_per_draw(name)
        if levels == 1:
            continue
        order, chosen = space.monotone.get(name, ("free", ()))
        k = len(chosen)
        dimensions += values - k + 1 if order == "equal" else values
        if order == "equal":
            paper, exact = paper * levels ** (values - k + 1), exact * levels ** (values - k + 1)
        elif order == "free":
            paper, exact = paper * levels**values, exact * levels**values
        else:
            paper *= levels**values / math.factorial(k)
            exact *= math.comb(levels + k - 1, k) * levels ** (values - k)
    return Size(dimensions, paper, exact)
