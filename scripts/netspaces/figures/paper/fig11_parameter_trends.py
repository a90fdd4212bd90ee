"""Figure 11: trends of the best parameters of RegNetX over regimes."""

from string import ascii_lowercase

import numpy as np
import pandas as pd

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import trends
from netspaces.figures.panels.trends import Parameter, best_values_note, best_values_panel, trend_note
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Curve, Study

KINDS = trends.KINDS | trends.PAPER
COLUMNS = trends.COLUMNS
PANELS = {
    "depth": ("Depth", Parameter("depth", "depth d")),
    "bottleneck": ("Bottleneck ratio", Parameter("bottleneck_1", "bottleneck ratio b", log2=True)),
    "w_m": ("Width ratio of stages", Parameter("w_m", "width ratio $w_m$")),
    "group_width": ("Group width", Parameter("group_width_1", "group width g", log2=True)),
    "w_a": ("Slope of widths", Parameter("w_a", "slope $w_a$", log2=True)),
    "w_0": ("First width", Parameter("w_0", "first width $w_0$", log2=True)),
}
SCALE_FREE = ("depth", "bottleneck", "w_m")  # comparable with the paper's at any size of images and networks
WANTS: dict = {
    "regimes": {"flops": True, "columns": ["depth", "bottleneck_1", "w_m", "group_width_1", "w_a", "w_0"]},
}


@house_style()
def draw(study: Study) -> Drawing:
    """One panel per parameter: all, good and best values over regimes."""
    curves = study.panel("regimes")
    figure, axes = grid(3, 2, key_rows=5)
    frames = []
    for ax, letter, (panel, (words, parameter)) in zip(axes.flat, ascii_lowercase, PANELS.items(), strict=False):
        paper = printed(study, panel, curves)
        frames.append(best_values_panel(ax, study, panel, curves, parameter, paper=paper))
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
