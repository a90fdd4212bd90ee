"""Figure 6: the block widths of good and bad networks, and whether they ever fall."""

from string import ascii_lowercase

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import steps
from netspaces.figures.panels.axes import NO_RUNS, TOO_FEW_RUNS, say
from netspaces.figures.panels.steps import width_axis, width_steps
from netspaces.figures.style import BLUE, RED, SMALL, Look, grid, house_style, pretty, title
from netspaces.studies.networks import best_networks, block_widths, describe
from netspaces.studies.study import Curve, Row, Study

KINDS = steps.KINDS
COLUMNS = shared("network", "error") | {"text": "parameters of the network, as drawn"}
COLUMNS |= {"falls": "stages of the network whose width is smaller than that of the stage before"}
SHOWN = 3  # networks of each kind
WANTS: dict = {"spaces": {"curves": 1, "columns": ["stages", "depth_1", "width_1", "group_width_1", "bottleneck_1"]}}


@house_style()
def draw(study: Study) -> Drawing:
    """Upper row: the best networks. Lower row: the worst, worst first. Per-block widths, log2."""
    curve = study.panel("spaces")[0]
    ranked = best_networks(curve)
    k = min(SHOWN, max(len(ranked) // 2, min(len(ranked), 1)))
    figure, axes = grid(SHOWN, 2, width=2.9, height=1.9)
    chosen = {"good": ranked.head(k), "bad": ranked.tail(k if len(ranked) > 1 else 0)[::-1]}
    shown = [row for rows in chosen.values() for _, row in rows.iterrows()]
    widths = [width for row in shown for width in block_widths(row)] or [8, 64]
    depth = max((int(row["depth"]) for row in shown), default=8)
    frames = []
    letters = iter(ascii_lowercase)
    for (quality, rows), colour, row_of_axes in zip(chosen.items(), (BLUE, RED), axes, strict=True):
        for i, ax in enumerate(row_of_axes):
            width_axis(ax, widths, depth)
            if i < len(rows):
                frames.append(_network(ax, curve, rows.iloc[i], f"{quality}_{i + 1}", next(letters), colour))
            else:
                say(ax, TOO_FEW_RUNS if len(ranked) else NO_RUNS)
    note = f"the {k} best (blue) and worst (orange) networks of {pretty(curve.label)}" if k else ""
    footnote(figure, note, _monotone_note(ranked), runs_note([curve]), error_note([curve]))
    return finish(figure, study, frames or [pd.DataFrame([{"panel": "good_1", "series": curve.label}])])


def falls(row: pd.Series) -> int:
    """In how many stages of a network the width is smaller than in the stage before."""
    return int((np.diff(block_widths(row)) < 0).sum())


def _monotone_note(ranked: pd.DataFrame) -> str:
    """How many of the better and of the worse half of the networks (best first) have widths that never fall."""
    grows = np.array([falls(row) == 0 for _, row in ranked.iterrows()])
    half = len(grows) // 2
    if not half:
        return ""
    better, worse = int(grows[:half].sum()), int(grows[-half:].sum())
    return f"widths never fall in {better} of the {half} better networks and in {worse} of the {half} worse ones"


def _network(ax: Axes, curve: Curve, row: pd.Series, panel: str, letter: str, colour: str) -> pd.DataFrame:
    frame = width_steps(ax, block_widths(row), color=colour, marker="o", markersize=3.2)
    description, times = describe(row), falls(row)
    kind = "diverged," if row["status"] == "diverged" else "error"
    fall = {0: "never fall", 1: "fall once", 2: "fall twice"}.get(times, f"fall {times} times")
    title(ax, letter, f"{kind} {row[curve.error]:.1f} %, widths {fall}")
    ax.set_title(ax.get_title(loc="left"), pad=30, color=colour)
    place: Look = {
        "xytext": (0, 5),
        "textcoords": "offset points",
        "va": "bottom",
        "fontsize": SMALL,
        "linespacing": 1.3,
    }
    ax.annotate(description, (0, 1), xycoords="axes fraction", **place)
    columns: Row = {"panel": panel, "series": curve.label, "error": row[curve.error], "network": int(row["index"])}
    return frame.assign(**columns, text=description, falls=times)
