"""Figure 9: RegNetX: its error distribution, two variants, and how fast a random search finds good networks."""

from netspaces.figures.panels.primitives import edf_note, edf_panel, panel_curves, search_note, search_panel
from netspaces.figures.style import error_note, finish, footnote, grid, house_style, runs_note, title
from netspaces.studies.study import Drawing, Study


@house_style()
def draw(study: Study) -> Drawing:
    """Left: distributions of the refined spaces. Middle: variants of RegNetX. Right: random-search efficiency."""
    rows = 1 + max(len(panel_curves(study, "spaces")), len(panel_curves(study, "variants")))
    figure, ((left, middle, right),) = grid(3, key_rows=rows)
    frames = [
        edf_panel(left, study, "spaces"),
        edf_panel(middle, study, "variants"),
        search_panel(right, study, "search"),
    ]
    title(left, "a", "Refined design spaces")
    title(middle, "b", "Variants of RegNetX")
    title(right, "c", "Random-search efficiency")
    notes = (runs_note(study.curves), edf_note(study), search_note(study), error_note(study.curves))
    footnote(figure, *notes)
    return finish(figure, study, frames)
