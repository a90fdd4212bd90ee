"""Error distributions of any design spaces, a panel per panel of the study: what a user's own comparison is drawn with.

A study asks for it with `figure: error_distributions`.
"""

from string import ascii_lowercase

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.style import grid, house_style, title, words
from netspaces.studies.study import Study

KINDS = edf.KINDS
COLUMNS = edf.COLUMNS
WANTS: dict = {"*": {}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """One panel of error distributions per panel of the study, side by side."""
    key_rows = 1 + max(len(curves) for curves in study.panels.values())
    figure, (axes,) = grid(len(study.panels), width=4.0, key_rows=key_rows)
    frames = [edf_panel(ax, study, panel) for ax, panel in zip(axes, study.panels, strict=True)]
    for ax, letter, panel in zip(axes, ascii_lowercase, study.panels if len(axes) > 1 else (), strict=False):
        title(ax, letter, words(panel.capitalize()))
    footnote(figure, runs_note(study.curves), edf_note(study), error_note(study.curves))
    return finish(figure, study, frames)
