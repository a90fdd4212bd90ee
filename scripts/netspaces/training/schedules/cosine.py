"""A half period of a cosine, the paper's schedule (footnote 5), down to a share `final` of the rate."""

import math

from netspaces.training.part import Share


def cosine(progress: float, epochs: int, *, final: Share = 0.0) -> float:
    """From 1 to `final`."""
    return final + (1 - final) * (0.5 * (1 + math.cos(math.pi * progress / epochs)))


SCHEDULE = cosine
