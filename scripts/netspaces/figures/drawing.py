"""A drawn figure with the numbers that it shows, and its files: the same bytes from the same drawing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.backends import backend_agg, backend_pdf, backend_svg  # noqa: F401 - once, where jobs are forked
from matplotlib.figure import Figure

from netspaces.figures.notes import wrap_note
from netspaces.figures.style import NORMAL, SMALLEST, house_style
from netspaces.files import escaping
from netspaces.files.safe import write_atomically, write_text
from netspaces.studies.study import Study

COLUMNS = {  # the first columns of every figure's table
    "panel": "panel of the figure",
    "series": "label of the curve, or name of the box",
    "kind": "what the row is",
    "x": "where it is drawn, in units of the horizontal axis",
    "y": "where it is drawn, in units of the vertical axis",
    "lower": "lower edge of a band, or lower end of an interval; in units of y, where the kind does not say otherwise",
    "upper": "upper edge of a band, or upper end of an interval, as `lower`",
}
SHARED = {  # columns of several kinds of panels
    "regime": "name of the regime",
    "recipe": "name of the recipe",
    "n": "networks with a run that the row rests on",
    "planned": "networks in all",
    "diverged": "networks whose training diverged; they count with their chance error",
    "level": "confidence of a band or an interval; of a range of best values, the share of them that lies in it",
    "low": "lower end of the range of the best value, or of the interval of a change",
    "high": "upper end of the range of the best value, or of the interval of a change",
    "resamples": "resamples of the bootstrap",
    "network": "number of the network in its population",
    "error": "error of the network, %; after several trainings their mean",
}
TITLE_LINE = 0.19  # inches: a line of a figure's title
FORMATS = {
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}


@dataclass(frozen=True)
class Drawing:
    """A figure and the table of exactly what it draws."""

    figure: Figure
    data: pd.DataFrame


def shared(*names: str) -> dict[str, str]:
    """What some columns mean that several kinds of panels have."""
    return {name: SHARED[name] for name in names}


def joined(frames: Iterable[pd.DataFrame], panel: str) -> pd.DataFrame:
    """What a panel draws as one table; a column that is empty in all its parts is left out."""
    frame = pd.concat([part.dropna(axis="columns", how="all") for part in frames], ignore_index=True)
    frame.insert(0, "panel", panel)
    return frame


def finish(figure: Figure, study: Study, frames: Iterable[pd.DataFrame]) -> Drawing:
    """The drawing of a study: its title above it and in its files, its layout settled, its data as one table."""
    add_title(figure, study.title)
    if layout := figure.get_layout_engine():
        layout.execute(figure)
    figure.set_layout_engine(None)  # settled once: all formats and all savings show the same
    figure.set_label(study.title)
    data = pd.concat([frame.dropna(axis="columns", how="all") for frame in frames], ignore_index=True)
    columns = [name for name in COLUMNS if name in data] + [name for name in data if name not in COLUMNS]
    return Drawing(figure, data[columns])


def add_title(figure: Figure, title: str) -> None:
    """Put a title above all panels, in lines as long as the figure is wide, which makes it higher."""
    text = wrap_note(0.9 * figure.get_figwidth() * SMALLEST / NORMAL, escaping.mathtext(title))
    height = figure.get_figheight()
    higher = height + TITLE_LINE * (1 + text.count("\n"))
    figure.set_figheight(higher)
    for ax in figure.axes:  # a layout finds room for the title; axes that stand where they were put make it
        if ax.get_subplotspec() is None and ax.figure is figure:
            x, y, width, tall = ax.get_position().bounds
            ax.set_position((x, y * height / higher, width, tall * height / higher))
    figure.suptitle(text, x=0.008, ha="left", fontsize=NORMAL, fontweight="bold")


def save(drawing: Drawing, stem: str | Path, kinds: Sequence[str] = tuple(FORMATS)) -> list[Path]:
    """Write `stem`.csv and a file of each kind, each atomically, without dates: equal drawings give equal bytes."""
    title = escaping.one_line(str(drawing.figure.get_label())) or None
    with house_style():
        for kind in kinds:
            options: dict[str, Any] = {"format": kind, "metadata": {"Title": title, **FORMATS[kind]}}
            write_atomically(f"{stem}.{kind}", partial(drawing.figure.savefig, **options))
    write_text(f"{stem}.csv", escaping.to_csv(drawing.data, "%.10g"))
    return [Path(f"{stem}.{kind}") for kind in (*kinds, "csv")]
