"""Where curves lie on an axis of regimes or of training budgets.

A regime lies at its upper limit of flops, after which the paper names it, a recipe at its epochs.
"""

from collections.abc import Callable, Iterable

from matplotlib.axes import Axes

from netspaces.figures.panels.axes import log2_axis
from netspaces.studies.study import Curve

DODGE = 0.12  # in doublings: between series that lie at one place


def flops(curve: Curve) -> float:
    """Where a regime lies: its upper limit of flops, in MF."""
    return curve.limits["flops"][1] / 1e6


def epochs(curve: Curve) -> float:
    """Where a recipe lies: its epochs."""
    return float(curve.epochs)


NAMES: dict[Callable[[Curve], float], str] = {flops: "flops (MF)", epochs: "epochs"}


def places_axis(ax: Axes, curves: Iterable[Curve], at: Callable[[Curve], float]) -> None:
    """A log2 axis with a tick at each regime (`at=flops`) or recipe (`at=epochs`) of the curves."""
    ticks = sorted({at(curve) for curve in curves})
    log2_axis(ax.xaxis, ticks[0] / 2**0.4, ticks[-1] * 2**0.4, ticks)
    ax.set_xlabel(NAMES[at])


def dodge(series: int, count: int, distance: float = DODGE) -> float:
    """By how many doublings a series, of `count` numbered from 0, is moved to the right, so that none hides another."""
    return distance * (series - (count - 1) / 2)
