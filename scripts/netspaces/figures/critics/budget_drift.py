"""Do the best values of depth, slope of widths, bottleneck ratio and group width move with the training budget?"""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import trends
from netspaces.figures.panels.places import epochs
from netspaces.figures.panels.trends import Parameter, Place, best_values_note, best_values_panel
from netspaces.figures.style import RED, Look, grid, house_style, title
from netspaces.statistics.best import BEST_OF
from netspaces.studies.pairing import drift_of
from netspaces.studies.study import Curve, Row, Study
from netspaces.studies.wording import change_text

KINDS = trends.RANGES
COLUMNS = trends.RANGE_COLUMNS | trends.CHANGE
COLUMNS |= {"change": "change of the best value from the first budget to the last"}
PANELS = {
    "depth": ("Depth", Parameter("depth", "depth d")),
    "w_a": ("Slope of widths", Parameter("w_a", "slope $w_a$", log2=True)),
    "bottleneck": ("Bottleneck ratio", Parameter("bottleneck_1", "bottleneck ratio b", log2=True)),
    "group_width": ("Group width", Parameter("group_width_1", "group width g", log2=True)),
}
WANTS: dict = {
    "budgets": {
        "trained": True,
        "budgets": True,
        "spaces": 1,
        "columns": ["depth", "w_a", "bottleneck_1", "group_width_1"],
    },
}


@house_style()
def draw(study: Study) -> Drawing:
    """One panel per parameter: all, good and best values over epochs, and how far the mean best value moves."""
    curves = study.panel("budgets")
    figure, axes = grid(2, 2, key_rows=5)
    frames = []
    for ax, letter, (panel, (words, parameter)) in zip(axes.flat, "abcd", PANELS.items(), strict=True):
        frames.append(best_values_panel(ax, study, panel, curves, parameter, at=epochs, draw_fit=draw_drift))
        title(ax, letter, words)
    note = (
        f"circles: means of the best of {BEST_OF} networks (of a quarter, if that is less) of those trained at all "
        "budgets; moves: from the first budget to the last, "
        f"with {100 * study.level:g} % percentile intervals of {study.resamples:,} resamples of the networks, the "
        "same at all budgets"
    )
    footnote(figure, runs_note(curves), best_values_note(study), note, error_note(curves))
    return finish(figure, study, frames)


def draw_drift(
    ax: Axes, key: Key, study: Study, curves: Sequence[Curve], parameter: Parameter, at: Place
) -> pd.DataFrame | None:
    """Mean best values of the networks that were trained at all budgets; None if there are too few of them."""
    if (moved := drift_of(curves, parameter.column, parameter.log2, study.resampling)) is None:
        return None
    budgets, drift = moved
    change = drift.change
    look: Look = {"color": RED, "marker": "o", "markersize": 4, "markerfacecolor": "white", "linestyle": (0, (5, 1.3))}
    ax.plot(budgets, drift.best, **look, zorder=4)
    key.add(line(**look), f"mean best moves {change_text(change, parameter.log2)}")
    row: Row = {"change": change.estimate, "low": change.low, "high": change.high}
    row |= {"scale": "factor" if parameter.log2 else "difference"}
    row |= {"n": drift.n, "level": study.level, "resamples": study.resamples}
    return pd.DataFrame({"kind": "mean_best", "x": budgets, "y": drift.best} | row)
