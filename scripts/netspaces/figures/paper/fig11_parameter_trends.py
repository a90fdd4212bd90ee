"""Figure 11: trends of the best parameters of RegNetX over regimes."""

from string import ascii_lowercase

import numpy as np
import pandas as pd

from netspaces.figures.panels.primitives import panel_curves
from netspaces.figures.panels.trends import best_values_note, best_values_panel, trend_note
from netspaces.figures.style import error_note, finish, footnote, grid, house_style, runs_note, title
from netspaces.studies.study import Curve, Drawing, Study

# column of the population table: title, name of the axis, whether it multiplies
PANELS = {
    "depth": ("Depth", "depth d", False),
    "bottleneck_1": ("Bottleneck ratio", "bottleneck ratio b", True),
    "w_m": ("Width ratio of stages", "width ratio $w_m$", False),
    "group_width_1": ("Group width", "group width g", True),
    "w_a": ("Slope of widths", "slope $w_a$", True),
    "w_0": ("First width", "first width $w_0$", True),
}
SCALE_FREE = ("depth", "bottleneck", "w_m")  # comparable with the paper's at any size of images and networks


@house_style()
def draw(study: Study) -> Drawing:
    """One panel per parameter: all, good and best values over regimes."""
    curves = panel_curves(study, "regimes")
    figure, axes = grid(3, 2, key_rows=5)
    frames = []
    for ax, letter, (column, (words, name, log2)) in zip(axes.flat, ascii_lowercase, PANELS.items(), strict=False):
        values = lambda curve, column=column: curve.table[column].to_numpy(float)
        panel = column.removesuffix("_1")
        paper = printed(study, panel, curves)
        frames.append(best_values_panel(ax, study, panel, curves, values, name, log2=log2, paper=paper))
        title(ax, letter, words)
    footnote(figure, runs_note(curves), best_values_note(study), trend_note(study), error_note(curves))
    return finish(figure, study, frames)


def printed(study: Study, panel: str, curves: list[Curve]) -> pd.DataFrame:
    """The paper's best values of a parameter: none for widths, unless the preset's regimes are the paper's."""
    rows = study.published[study.published["panel"] == panel]
    if panel in SCALE_FREE or rows.empty:
        return rows
    ours = rows["regime"].map({curve.regime: curve.limits["flops"][1] for curve in curves})
    return rows[np.isclose(ours.astype(float), rows["flops"], rtol=0.05)]
