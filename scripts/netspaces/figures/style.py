"""House style of all figures, in one place: sizes, colours, keys, footnotes, and files that come out the same.

Figures are built on matplotlib's object interface under `house_style()`; nothing reads or changes the global state.
Text is 7 points or more in a panel of a column's width (3.3 inches), colours are those of Okabe and Ito, which people
of all kinds of colour vision tell apart, and every colour comes with a dash pattern of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import seaborn
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerBase
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from netspaces.files import write_atomically, write_text
from netspaces.studies.study import Curve, Drawing, Study

PANEL = 3.3  # inches: the width of one panel, a column of a two-column page
HEIGHT = 2.5  # inches: of a panel, its key aside
SMALLEST, SMALL, NORMAL = 7.0, 7.5, 8.5  # points: footnotes; ticks and keys; labels and titles

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
DASHES = ("-", (0, (5, 1.3)), (0, (1.4, 1.1)), (0, (6, 1.3, 1.4, 1.3)), (0, (3, 1.1)), (0, (8, 2)), (0, (1, 2)), "-.")
BLUE, BLACK, RED, GREY, PALE = "#0072B2", "#000000", "#D55E00", "#6B6B6B", "#D9D9D9"
BAND_ALPHA, EDF_ALPHA = 0.22, 0.12

LEADING = ["panel", "series", "kind", "x", "y", "lower", "upper"]  # the first columns of every figure's table
FORMATS = {
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}
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


def house_style() -> AbstractContextManager:
    """The settings under which figures are drawn and saved: a context manager, and a decorator of `draw`."""
    return matplotlib.rc_context(_settings())


def canvas(columns: int, rows: int = 1, width: float = PANEL, height: float = HEIGHT, key_rows: int = 0) -> Figure:
    """A figure for panels of `width` by `height` inches, with room for keys of `key_rows` rows below each."""
    below = 0.55 + 0.15 * key_rows
    figure = Figure(figsize=(columns * width, rows * (height + below) + 0.15), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.04, wspace=0.02, hspace=0.04)
    return figure


def grid(columns: int, rows: int = 1, **sizes) -> tuple[Figure, np.ndarray]:
    """A figure and its axes (rows, columns); sizes as for `canvas`."""
    figure = canvas(columns, rows, **sizes)
    return figure, figure.subplots(rows, columns, squeeze=False)


def looks(study: Study) -> dict[str, dict]:
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
    if "$" in label:
        return label
    label = re.sub(r"(?<![A-Za-z])([a-zA-Z])_([a-z0-9])(?![A-Za-z0-9_])", r"$\1_\2$", label)
    label = re.sub(r"^([A-Za-z]+)_([A-Z])_(?=\w)", r"\1$_\\mathrm{\2}$, ", label)
    label = re.sub(r"^([A-Za-z]+)_([A-Z])(?![A-Za-z0-9_])", r"\1$_\\mathrm{\2}$", label)
    return "".join(part if i % 2 else part.replace("_", " ") for i, part in enumerate(re.split(r"(\$[^$]*\$)", label)))


def number(value: float, digits: int = 3) -> str:
    """A number in as few characters as `digits` significant digits take; whole numbers in full."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.{digits}g}"


def title(ax: Axes, letter: str, text: str) -> None:
    """A panel's letter and what it shows."""
    ax.set_title(rf"$\mathbf{{{letter}}}$  {text}" if letter else text)


# ---- Keys and footnotes ----------------------------------------------------------------------------------------------


class _Nothing(Line2D):
    """The handle of a text in a key's second column, which has none."""


class _NothingHandler(HandlerBase):
    """Takes no room for `_Nothing`."""

    def legend_artist(self, legend, orig_handle, fontsize, handlebox):
        handlebox.width = 0
        return orig_handle


def key(ax: Axes, handles: Sequence[Artist], labels: Sequence[str], beside: Sequence[str] = (), heads=("", "")) -> None:
    """A key below the panel, where it hides no data; `beside` holds the paper's numbers, in grey, empty where none.

    `heads` are the headings of the two columns; none is drawn if both are empty.
    """
    beside = list(beside) if any(beside) else []
    columns = [list(labels), beside] if beside else [list(labels)]
    rows = [list(handles), [_Nothing([], []) for _ in beside]]
    if any(heads[: len(columns)]):
        columns = [[head, *texts] for head, texts in zip(heads, columns, strict=False)]
        rows = [
            [blank([], [], linestyle="none"), *artists] for blank, artists in zip((Line2D, _Nothing), rows, strict=True)
        ]
    shift = ScaledTranslation(-30 / 72, -33 / 72, ax.figure.dpi_scale_trans)
    legend = ax.legend(
        [handle for column in rows[: len(columns)] for handle in column],
        [text for column in columns for text in column],
        ncols=len(columns),
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=ax.transAxes + shift,
        handler_map={_Nothing: _NothingHandler()},
        borderpad=0,
        borderaxespad=0,
        columnspacing=0.4,
        handlelength=2.0,
        handletextpad=0.5,
        labelspacing=0.3,
    )
    texts = legend.get_texts()
    for i, text in enumerate(texts):
        if i >= len(columns[0]) or (any(heads) and i == 0):
            text.set_color(GREY)


def runs_note(curves: Iterable[Curve]) -> str:
    """How many runs the figure rests on: of how many planned, and how many diverged."""
    curves = list({curve.population: curve for curve in curves}.values())
    by_count: dict[str, Counter] = {}
    diverged: Counter = Counter()
    for curve in curves:
        n, planned, name = len(curve.table), curve.planned, pretty(curve.label)
        by_count.setdefault(f"{n}" if n == planned else f"{n} of {planned}", Counter())[name] += 1
        diverged[name] += int((curve.table["status"] == "diverged").sum())
    if len(by_count) == 1:
        unit = "space" if len(diverged) == len(curves) else "population"
        note = f"n = {next(iter(by_count))}" + (f" per {unit}" if len(curves) > 1 else "")
    else:
        names = lambda counts: ", ".join(name if k == 1 else f"{name} × {k}" for name, k in counts.items())
        note = "n = " + "; ".join(f"{count} ({names(counts)})" for count, counts in by_count.items())
    if any(diverged.values()):
        same = len(set(diverged.values())) == 1
        parts = [f"{k} ({name})" for name, k in diverged.items() if k]
        note += "; diverged, drawn at chance error: "
        note += f"{next(iter(diverged.values()))} of each" if same and len(diverged) > 1 else ", ".join(parts)
    return note


def error_note(curves: Iterable[Curve]) -> str:
    """Which error is drawn."""
    names = {"error_min": "top-1, minimum over epochs", "error": "top-1 after the last epoch"}
    names["error_selected"] = "top-1 after the epoch that is best on the validation split"
    return "error: " + " or ".join(dict.fromkeys(names.get(curve.error, curve.error) for curve in curves))


def footnote(figure: Figure, *parts: str) -> None:
    """What the figure rests on, below its panels: n, resamples, level, seed."""
    text = wrap_note(figure, "; ".join(part for part in parts if part) + ".")
    figure.supxlabel(text, x=0.008, ha="left", fontsize=SMALLEST, color=GREY, linespacing=1.25)


def wrap_note(figure: Figure, text: str) -> str:
    """Text in lines of the figure's width, in footnote size; the marks of formulas take no room."""
    characters, lines = int(figure.get_figwidth() * 72 / (0.58 * SMALLEST)), [""]
    for word in text.replace(" %", "\N{NO-BREAK SPACE}%").split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if len(re.sub(r"\\[a-z]+|[${}_\\]", "", longer)) > characters:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


# ---- Results ---------------------------------------------------------------------------------------------------------


def finish(figure: Figure, study: Study, frames: Iterable[pd.DataFrame]) -> Drawing:
    """The drawing of a study: its layout settled, its title set as the files' title, its data as one table."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # settled once: all formats and all savings show the same
    figure.set_label(study.title)
    data = pd.concat([frame.dropna(axis="columns", how="all") for frame in frames], ignore_index=True)
    columns = [name for name in LEADING if name in data] + [name for name in data if name not in LEADING]
    return Drawing(figure, data[columns])


def save(drawing: Drawing, stem: str | Path) -> list[Path]:
    """Write `stem`.pdf, .svg, .png and .csv, each atomically, without dates: equal drawings give equal bytes."""
    title = str(drawing.figure.get_label()) or None
    with house_style():
        for kind, metadata in FORMATS.items():
            options = {"format": kind, "metadata": {"Title": title, **metadata}}
            write_atomically(f"{stem}.{kind}", lambda file, options=options: drawing.figure.savefig(file, **options))
    write_text(f"{stem}.csv", drawing.data.to_csv(index=False, float_format="%.10g", lineterminator="\n"))
    return [Path(f"{stem}.{kind}") for kind in (*FORMATS, "csv")]
