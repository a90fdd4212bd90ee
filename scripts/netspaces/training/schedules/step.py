"""Steps: the rate times `factor` every so many epochs (`every`, which need not be whole)."""

import math
from typing import Annotated

from netspaces.training.part import Interval, Share

Period = Annotated[float, Interval(0.001)]


def step(progress: float, epochs: int, *, every: Period = 30.0, factor: Share = 0.1) -> float:
    """`factor` to the power of the steps that have been taken."""
    return factor ** math.floor(progress / every)


SCHEDULE = step
