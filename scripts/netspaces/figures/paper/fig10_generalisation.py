"""Figure 10: the order of AnyNet_A, AnyNet_E and RegNet beyond the setting in which RegNet was designed."""

from string import ascii_lowercase

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = edf.KINDS
COLUMNS = edf.COLUMNS
PANELS = {
    "flops": "Twice the flops",
    "epochs": "More epochs",
    "stages": "Five stages",
    "block_r": "R block",
    "block_v": "V block",
    "block_vr": "VR block",
}
WANTS: dict = {"flops": {}, "epochs": {}, "stages": {}, "block_r": {}, "block_v": {}, "block_vr": {}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """One panel of error distributions per setting."""
    curves = [curve for panel in PANELS for curve in study.panel(panel)]
    figure, axes = grid(2, 3, width=4.0, key_rows=4)
    frames = [edf_panel(ax, study, panel) for ax, panel in zip(axes.flat, PANELS, strict=True)]
    for ax, letter, panel in zip(axes.flat, ascii_lowercase, PANELS, strict=False):
        epochs = f": {study.panels[panel][0].epochs}" if panel == "epochs" else ""
        title(ax, letter, PANELS[panel] + epochs)
    footnote(figure, runs_note(curves), edf_note(study), error_note(curves))
    return finish(figure, study, frames)
