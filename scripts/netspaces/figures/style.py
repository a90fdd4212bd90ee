"""House style of all figures, in one place: sizes, fonts, colours, labels.

Figures are built on matplotlib's object interface under `house_style()`; nothing reads or changes the global state.
Text is 7 points or more in a panel of a column's width (3.3 inches), colours are those of Okabe and Ito, which people
of all kinds of colour vision tell apart, and every colour comes with a dash pattern of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from netspaces.files.escaping import mathtext, one_line
from netspaces.studies.study import Study

PANEL = 3.3  # inches: the width of one panel, a column of a two-column page
HEIGHT = 2.5  # inches: of a panel, its key aside
SMALLEST, SMALL, NORMAL = 7.0, 7.5, 8.5  # points: footnotes; ticks and keys; labels and titles

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
DASHES = ("-", (0, (5, 1.3)), (0, (1.4, 1.1)), (0, (6, 1.3, 1.4, 1.3)), (0, (3, 1.1)), (0, (8, 2)), (0, (1, 2)), "-.")
Look = dict[str, Any]  # how an artist is drawn, by matplotlib's names
BLUE, BLACK, RED, GREY, PALE = "#0072B2", "#000000", "#D55E00", "#6B6B6B", "#D9D9D9"
BAND_ALPHA, EDF_ALPHA = 0.22, 0.12

DOTS_PER_INCH = 200  # of PNG

OWN = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "font.size": SMALL,
    "axes.labelsize": NORMAL,
    "axes.titlesize": NORMAL,
    "axes.titlelocation": "left",
    "axes.labelpad": 3,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": False,
    "grid.color": "#EBEBEB",
    "grid.linewidth": 0.6,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.major.width": 0.8,
    "ytick.major.width": 0.8,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "figure.dpi": 100,
    "savefig.dpi": DOTS_PER_INCH,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "netspaces",
}


@lru_cache(maxsize=1)
def _settings() -> dict:
    # from matplotlib's defaults, so that a user's matplotlibrc does not change what is drawn
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if "backend" not in key}
    base = {**seaborn.axes_style("ticks"), **seaborn.plotting_context("paper")}
    return defaults | base | OWN


@contextmanager
def house_style() -> Iterator[None]:
    """The settings under which figures are drawn and saved: a context manager, and a decorator of `draw`."""
    with matplotlib.rc_context(_settings()):
        yield


def canvas(columns: int, rows: int = 1, width: float = PANEL, height: float = HEIGHT, key_rows: int = 0) -> Figure:
    """A figure for panels of `width` by `height` inches, with room for keys of `key_rows` rows below each."""
    below = 0.55 + 0.15 * key_rows
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.04, wspace=0.02, hspace=0.04)
    return Figure(figsize=(columns * width, rows * (height + below) + 0.15), layout=layout)


def grid(columns: int, rows: int = 1, **sizes) -> tuple[Figure, np.ndarray]:
    """A figure and its axes (rows, columns); sizes as for `canvas`."""
    figure = canvas(columns, rows, **sizes)
    return figure, figure.subplots(rows, columns, squeeze=False)


def looks(study: Study) -> dict[str, Look]:
    """Colour and dash pattern of each curve of a study, by label: the same in all its panels."""
    labels = dict.fromkeys(curve.label for curves in study.panels.values() for curve in curves)
    return {
        label: {"color": COLOURS[i % len(COLOURS)], "linestyle": DASHES[(i + i // len(COLOURS)) % len(DASHES)]}
        for i, label in enumerate(labels)
    }


def pretty(label: str) -> str:
    """A label as print shows it: AnyNetX_A, w_m and so on with subscripts, other underscores as spaces.

    >>> pretty("AnyNetX_C_equal_widths")
    'AnyNetX$_\\\\mathrm{C}$, equal widths'
    """
    label = one_line(label).replace("$", "\0")  # a formula begins with what is put in here only
    label = re.sub(r"(?<![A-Za-z\\])([a-zA-Z])_([a-z0-9])(?![A-Za-z0-9_])", r"$\1_\2$", label)
    label = re.sub(r"^([A-Za-z]+)_([A-Z])_(?=\w)", r"\1$_\\mathrm{\2}$, ", label)
    label = re.sub(r"^([A-Za-z]+)_([A-Z])(?![A-Za-z0-9_])", r"\1$_\\mathrm{\2}$", label)
    parts = enumerate(re.split(r"(\$[^$]*\$)", label))
    return "".join(part if i % 2 else part.replace("_", " ") for i, part in parts).replace("\0", r"\$")


def words(name: str) -> str:
    """A name of the configuration's, of a panel or a setting, as print shows it: underscores as spaces.

    >>> words("other_recipe")
    'other recipe'
    """
    return mathtext(name.replace("_", " "))


def title(ax: Axes, letter: str, text: str) -> None:
    """A panel's letter and what it shows."""
    ax.set_title(rf"$\mathbf{{{letter}}}$  {text}" if letter else text)
