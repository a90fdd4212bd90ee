"""Do the best values of depth, slope of widths, bottleneck ratio and group width move with the training budget?"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from netspaces.figures.panels.primitives import panel_curves
from netspaces.figures.panels.trends import best_values_note, best_values_panel, epochs
from netspaces.figures.style import RED, error_note, finish, footnote, grid, house_style, runs_note, title
from netspaces.statistics.epochs import drift_of
from netspaces.studies.study import Curve, Drawing, Study

# column of the population table: title, name of the axis, whether it multiplies
PANELS = {
    "depth": ("Depth", "depth d", False),
    "w_a": ("Slope of widths", "slope $w_a$", True),
    "bottleneck_1": ("Bottleneck ratio", "bottleneck ratio b", True),
    "group_width_1": ("Group width", "group width g", True),
}


@house_style()
def draw(study: Study) -> Drawing:
    """One panel per parameter: all, good and best values over epochs, and how far the mean best value moves."""
    curves = panel_curves(study, "budgets")
    figure, axes = grid(2, 2, key_rows=5)
    frames = []
    for ax, letter, (column, (words, name, log2)) in zip(axes.flat, "abcd", PANELS.items(), strict=True):
        values = lambda curve, column=column: curve.table[column].to_numpy(float)
        panel = column.removesuffix("_1")
        frames.append(
            best_values_panel(ax, study, panel, curves, values, name, at=epochs, log2=log2, fitted=_moved(column))
        )
        title(ax, letter, words)
    note = (
        f"circles: mean best values of the networks trained at all budgets; moves: from the first budget to the last, "
        f"with {100 * study.level:g} % percentile intervals of {study.resamples:,} resamples of the networks, the "
        "same at all budgets"
    )
    footnote(figure, runs_note(curves), best_values_note(study), note, error_note(curves))
    return finish(figure, study, frames)


def _moved(column: str):
    """What draws the mean best values of a column, for `best_values_panel`."""

    def fitted(ax: Axes, study: Study, curves: list[Curve], values, at, log2: bool) -> tuple | None:
        if (moved := drift_of(curves, column, log2, study.resampling)) is None:
            return None
        budgets, found = moved
        change = found.change
        look = {"color": RED, "marker": "o", "markersize": 4, "markerfacecolor": "white", "linestyle": (0, (5, 1.3))}
        ax.plot(budgets, found.best, **look, zorder=4)
        row = {
            "change": change.estimate,
            "low": change.low,
            "high": change.high,
            "scale": "factor" if log2 else "difference",
        }
        row |= {"n": found.n, "level": study.level, "resamples": study.resamples}
        frame = pd.DataFrame({"kind": "mean_best", "x": budgets, "y": found.best} | row)
        sign = "" if log2 else "+"
        estimate, low, high = (f"{value:{sign}.2f}" for value in (change.estimate, change.low, change.high))
        return frame, Line2D([], [], **look), f"mean best moves {'×' if log2 else ''}{estimate} [{low}, {high}]"

    return fitted
