"""Figure 7: increasing, equal and decreasing widths and depths."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = edf.KINDS
COLUMNS = edf.COLUMNS
WANTS: dict = {"widths": {}, "depths": {}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Left: constraints on widths. Right: constraints on depths."""
    widths, depths = study.panel("widths"), study.panel("depths")
    figure, ((left, right),) = grid(2, width=4.0, key_rows=1 + max(len(widths), len(depths)))
    frames = [edf_panel(left, study, "widths"), edf_panel(right, study, "depths")]
    title(left, "a", "Widths")
    title(right, "b", "Depths")
    footnote(figure, runs_note([*widths, *depths]), edf_note(study), error_note([*widths, *depths]))
    return finish(figure, study, frames)
