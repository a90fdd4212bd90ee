"""A straight line, down to a share `final` of the rate."""

from netspaces.training.part import Share


def linear(progress: float, epochs: int, *, final: Share = 0.0) -> float:
    """From 1 to `final`."""
    return final + (1 - final) * (1 - progress / epochs)


SCHEDULE = linear
