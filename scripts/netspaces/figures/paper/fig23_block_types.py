"""Figure 23: the RegNet design space with four block types."""

from netspaces.figures.panels.primitives import edf_note, edf_panel, panel_curves
from netspaces.figures.style import error_note, finish, footnote, grid, house_style, runs_note, title
from netspaces.studies.study import Drawing, Study


@house_style()
def draw(study: Study) -> Drawing:
    """Error distributions of RegNet spaces that differ in their block only."""
    curves = panel_curves(study, "blocks")
    figure, ((ax,),) = grid(1, width=4.0, key_rows=1 + len(curves))
    frame = edf_panel(ax, study, "blocks")
    title(ax, "", "Block types")
    footnote(figure, runs_note(curves), edf_note(study), error_note(curves))
    return finish(figure, study, [frame])
