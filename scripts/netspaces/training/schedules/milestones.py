"""Milestones: the rate times `factor` after each of some epochs (`at`)."""

from netspaces.training.part import Share


def milestones(
    progress: float, epochs: int, *, at: tuple[float, ...] = (30.0, 60.0, 90.0), factor: Share = 0.1
) -> float:
    """`factor` to the power of the milestones that have passed."""
    return factor ** sum(progress >= milestone for milestone in at)


SCHEDULE = milestones
