"""Figure 7: increasing, equal and decreasing widths and depths."""

from netspaces.figures.panels.primitives import edf_note, edf_panel, panel_curves
from netspaces.figures.style import error_note, finish, footnote, grid, house_style, runs_note, title
from netspaces.studies.study import Drawing, Study


@house_style()
def draw(study: Study) -> Drawing:
    """Left: constraints on widths. Right: constraints on depths."""
    widths, depths = panel_curves(study, "widths"), panel_curves(study, "depths")
    figure, ((left, right),) = grid(2, width=4.0, key_rows=1 + max(len(widths), len(depths)))
    frames = [edf_panel(left, study, "widths"), edf_panel(right, study, "depths")]
    title(left, "a", "Widths")
    title(right, "b", "Depths")
    footnote(figure, runs_note([*widths, *depths]), edf_note(study), error_note([*widths, *depths]))
    return finish(figure, study, frames)
