"""Panels of estimates with intervals, one row each: bars or points beside names.

In the tables of what they draw, x is the estimate, `lower` and `upper` are the ends of its interval in x, y is the row
from the top.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from netspaces.figures.style import BLACK, BLUE, GREY, Look

VARIANCE = {  # columns of an analysis of variance
    "df": "degrees of freedom",
    "sum_of_squares": "sum of squares",
    "f": "F statistic",
    "p": "p value of the F test",
    "partial_r2": "partial R² as it is, η²",
    "df_residual": "residual degrees of freedom",
}
POINT: Look = {"marker": "o", "markersize": 4, "linestyle": "none", "color": BLUE}
HOLLOW: Look = {"linestyle": "none", "marker": "o", "markersize": 4, "markerfacecolor": "white", "color": BLACK}


def rows_axis(ax: Axes, names: Sequence[str], label: str) -> None:
    """A row per name, the first on top, and the name of the horizontal axis."""
    ax.set(ylim=(len(names) - 0.4, -0.6), yticks=range(len(names)), yticklabels=names, xlabel=label)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(5))


def bars(ax: Axes, estimates: pd.DataFrame, colours: Sequence[str] | str = BLUE) -> pd.DataFrame:
    """Bars from 0 with intervals: columns x, lower, upper of `estimates`, to which this adds y."""
    y = np.arange(len(estimates), dtype=float)
    ax.barh(y, estimates["x"], height=0.62, color=colours, alpha=0.55, linewidth=0, zorder=2)
    ax.hlines(y, estimates["lower"], estimates["upper"], color=BLACK, linewidth=1.4, zorder=3)
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    return estimates.assign(y=y)


def points(ax: Axes, estimates: pd.DataFrame, shift: float = 0.0, **look: Any) -> pd.DataFrame:
    """Points that look like POINT but for `look`, with intervals, moved down by `shift` rows."""
    y = np.arange(len(estimates)) + shift
    look = POINT | look
    ax.plot(estimates["x"], y, zorder=3, **look)
    if "lower" in estimates:
        ax.hlines(y, estimates["lower"], estimates["upper"], color=look["color"], linewidth=1.4, zorder=2)
    return estimates.assign(y=y)
