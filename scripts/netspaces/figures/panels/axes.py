"""Axes of errors and of quantities that double, and what a panel says that has nothing to show.

The axes of errors adapt to the errors that are there: they show every run, and are logarithmic where a few large errors
would hide the differences among the small ones.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from netspaces.figures.style import GREY
from netspaces.studies.study import Curve, Study
from netspaces.studies.wording import number

NO_RUNS = "no runs yet"
TOO_FEW_RUNS = "too few runs"
NOT_MEASURED = "not measured yet"
SPREAD = 8  # a largest error so many times the smallest makes the axis of single errors logarithmic
STRETCH = 1.5  # a few largest errors that make an axis so many times longer lie beyond it
FEW = 50  # one network in so many, at least one, may lie beyond
ENOUGH = 20  # networks from which on one may
MEANS_SPREAD = 4  # the same for axes of mean errors, which spread less

Limits = tuple[float, float, bool]  # low, high, whether the axis is logarithmic


def error_limits(curves: Iterable[Curve]) -> Limits:
    """(low, high, logarithmic) of an axis that shows every error of the curves, percent."""
    errors = np.concatenate([curve.errors for curve in curves] or [np.empty(0)])
    if not errors.size:
        return 0.0, 100.0, False
    low, high = errors.min(), errors.max()
    logarithmic = bool(low > 0 and high > SPREAD * low)
    return *error_span(low, high, logarithmic), logarithmic


def error_span(low: float, high: float, logarithmic: bool) -> tuple[float, float]:
    """The ends of an axis that shows errors from `low` to `high`, percent."""
    if logarithmic:
        margin = (high / low) ** 0.04 if high > low else 1.05
        return low / margin, min(high * margin, max(high, 100.0))
    margin = 0.04 * (high - low) or max(0.1 * high, 0.5)
    return max(low - margin, min(0.0, low)), high + margin


def distribution_limits(study: Study, curves: Sequence[Curve]) -> tuple[Limits, np.ndarray]:
    """Limits of an axis of distributions of errors, and the errors (k,) beyond it, percent.

    All such axes of a study are logarithmic if one of them is to be. A few errors that would stretch the axis of all
    others lie beyond it, and the panel says so; those of diverged runs do not.
    """
    ends = {panel: _ends(own) for panel, own in study.panels.items() if any(len(curve.table) for curve in own)}
    least = min((low for low, _ in ends.values()), default=0.0)
    logarithmic = least > 0 and any(high > SPREAD * low for low, high in ends.values())
    if not any(len(curve.table) for curve in curves):
        return error_limits([]), np.empty(0)
    return (*error_span(*_ends(curves), logarithmic), logarithmic), stretching(curves)


def _ends(curves: Sequence[Curve]) -> tuple[float, float]:
    """The smallest and the largest error of a panel with runs, percent, without those that would stretch its axis."""
    errors = np.concatenate([curve.errors for curve in curves])
    return float(errors.min()), float(errors[errors < stretching(curves).min(initial=np.inf)].max())


def stretching(curves: Sequence[Curve]) -> np.ndarray:
    """The largest errors (k,) of a panel, ascending, that stretch its axis: none, or one network in `FEW`."""
    errors = np.sort(np.concatenate([curve.errors for curve in curves]))
    at_chance = [curve.errors[(curve.table["status"] == "diverged").to_numpy()] for curve in curves]
    if errors.size < ENOUGH or errors[0] <= 0 or np.concatenate(at_chance).max(initial=0) >= errors[-1]:
        return errors[:0]
    spans = np.log(errors / errors[0])
    for k in range(1, max(1, errors.size // FEW) + 1):
        if spans[-1] > STRETCH * spans[-k - 1]:
            return errors[-k:]
    return errors[:0]


def mean_error_limits(drawn: pd.DataFrame) -> Limits:
    """Limits of an axis that shows some mean errors with their intervals: columns y, lower, upper, percent."""
    low, high = drawn[["y", "lower", "upper"]].min(axis=None), drawn[["y", "lower", "upper"]].max(axis=None)
    margin = 0.06 * (high - low) or 0.5
    if low > 0 and high > MEANS_SPREAD * low:
        return low / 1.1, high * 1.1, True
    return low - margin, high + margin, False


def error_axis(axis: XAxis | YAxis, limits: Limits, label: str = "error") -> None:
    """Give an axis the limits, scale, ticks and name of errors."""
    low, high, logarithmic = limits
    name = axis.axis_name
    axis.axes.set(**{f"{name}scale": "log" if logarithmic else "linear", f"{name}lim": (low, high)})
    if logarithmic:
        subs = (1, 2, 5) if high / low > 40 else (1, 2, 3, 5)
        axis.set_major_locator(LogLocator(subs=subs))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axis.set_major_locator(MaxNLocator(6))
    axis.set_label_text(f"{label} (%, log scale)" if logarithmic else f"{label} (%)")


def log2_axis(axis: XAxis | YAxis, low: float, high: float, ticks: Sequence[float] | np.ndarray | None = None) -> None:
    """Give an axis a log2 scale with plain numbers at the powers of two, thinned to at most ten."""
    name = axis.axis_name
    axis.axes.set(**{f"{name}scale": "log", f"{name}lim": (low, high)})
    if ticks is None:
        powers = np.arange(np.ceil(np.log2(low)), np.floor(np.log2(high)) + 1)
        ticks = 2.0 ** powers[:: -(-len(powers) // 10) or 1]
    axis.set_major_locator(FixedLocator(list(ticks)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def unit(values: Iterable[float], quantity: str) -> tuple[float, str]:
    """In what an axis counts some values of a complexity, a time or an error: (its size, its name)."""
    largest = np.max(np.asarray(list(values), float), initial=0)
    if quantity == "flops":
        return (1e9, "GF") if largest >= 1e9 else (1e6, "MF")
    if quantity in ("time", "error"):
        return 1.0, "ms" if quantity == "time" else "%"
    return (1e6, "M") if largest >= 1e6 else (1e3, "k")


def say(ax: Axes, text: str) -> None:
    """A remark in the middle of a panel that has nothing to show."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=GREY)
