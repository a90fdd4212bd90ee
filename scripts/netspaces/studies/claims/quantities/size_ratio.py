"""Orders of magnitude by which the first design space has more settings than the second; exact."""

import math
from collections.abc import Mapping, Sequence

from netspaces.spaces.size import count
from netspaces.studies.claims.quantity import SpaceQuantity


def measure(definitions: Sequence[Mapping]) -> float:
    """The difference of the decimal logarithms of both sizes."""
    first, second = (math.log10(count(definition).paper_count) for definition in definitions)
    return first - second


QUANTITY = SpaceQuantity(measure, fewest=2, most=2, reason="counted as the paper does")
