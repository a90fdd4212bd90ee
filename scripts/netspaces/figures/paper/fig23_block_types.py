"""Figure 23: the RegNet design space with four block types."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = edf.KINDS
COLUMNS = edf.COLUMNS
WANTS: dict = {"blocks": {}}


@house_style()
def draw(study: Study) -> Drawing:
    """Error distributions of RegNet spaces that differ in their block only."""
    curves = study.panel("blocks")
    figure, ((ax,),) = grid(1, width=4.0, key_rows=1 + len(curves))
    frame = edf_panel(ax, study, "blocks")
    title(ax, "", "Block types")
    footnote(figure, runs_note(curves), edf_note(study), error_note(curves))
    return finish(figure, study, [frame])
