"""Panels of the widths of a network's blocks."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from netspaces.figures.panels.axes import log2_axis

KINDS = {"block": "width of a block: x its index from 0, y channels"}


def width_steps(ax: Axes, widths: np.ndarray, **look: Any) -> pd.DataFrame:
    """The width of every block as steps against the block's index; returns its (x, y)."""
    ax.plot(np.arange(len(widths)), widths, drawstyle="steps-mid", **look)
    return pd.DataFrame({"kind": "block", "x": np.arange(len(widths)), "y": widths})


def width_axis(ax: Axes, widths: Iterable[float], depth: int) -> None:
    """Axes for block widths: log2 widths against block indices 0..depth-1."""
    widths = np.asarray(list(widths), float)
    log2_axis(ax.yaxis, widths.min() / 2**0.4, widths.max() * 2**0.4)
    ax.set(xlim=(-0.7, depth - 0.3), xlabel="block index j", ylabel="width $w_j$")
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
