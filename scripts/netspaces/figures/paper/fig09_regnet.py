"""Figure 9: RegNetX: its error distribution, two variants, and how fast a random search finds good networks."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf, search
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.panels.search import search_note, search_panel
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = edf.KINDS | search.KINDS
COLUMNS = edf.COLUMNS | search.COLUMNS
WANTS: dict = {"spaces": {}, "variants": {}, "search": {}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Left: distributions of the refined spaces. Middle: variants of RegNetX. Right: random-search efficiency."""
    rows = 1 + max(len(study.panel("spaces")), len(study.panel("variants")))
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
