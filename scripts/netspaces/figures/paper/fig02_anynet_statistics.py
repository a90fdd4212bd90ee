"""Figure 2: statistics of AnyNetX: error distribution, and error against depth and the last stage's width."""

import numpy as np

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf, scatter
from netspaces.figures.panels.axes import error_limits
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.panels.scatter import bootstrap_note, scatter_panel
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.networks import stage_values
from netspaces.studies.study import Study

KINDS = edf.KINDS | scatter.KINDS
COLUMNS = edf.COLUMNS | scatter.COLUMNS
WANTS: dict = {"spaces": {"columns": ["depth", "stages", "width_1"]}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Left: error distribution. Middle and right: error against depth and last width, with best values."""
    curves = study.panel("spaces")
    curve, limits = curves[0], error_limits(curves)
    figure, ((left, middle, right),) = grid(3, key_rows=3)
    last = np.array([stage_values(row, "width")[-1] for _, row in curve.table.iterrows()])
    stage = int(curve.table["stages"].max()) if len(curve.table) else "S"
    frames = [
        edf_panel(left, study, "spaces", limits),
        scatter_panel(middle, study, "depth", curve, curve.table["depth"], "depth d", limits),
        scatter_panel(right, study, "last_width", curve, last, f"last-stage width $w_{stage}$", limits),
    ]
    title(left, "a", "Error distribution")
    title(middle, "b", "Depth")
    title(right, "c", "Width of the last stage")
    footnote(figure, runs_note(curves), edf_note(study), bootstrap_note(study), error_note(curves))
    return finish(figure, study, frames)
