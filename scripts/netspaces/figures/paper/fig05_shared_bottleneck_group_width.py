"""Figure 5: sharing the bottleneck ratio and the group width costs nothing; the best bottleneck ratios are small."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf, scatter
from netspaces.figures.panels.axes import error_limits
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.panels.scatter import bootstrap_note, scatter_panel
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = edf.KINDS | scatter.KINDS
COLUMNS = edf.COLUMNS | scatter.COLUMNS
WANTS: dict = {"bottleneck": {"columns": ["bottleneck_1"]}, "group_width": {}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Left and middle: distributions without and with sharing. Right: error against the shared bottleneck ratio."""
    curves = [*study.panel("bottleneck"), *study.panel("group_width")]
    shared, limits = study.panels["bottleneck"][-1], error_limits(curves)
    figure, ((left, middle, right),) = grid(3, key_rows=3)
    frames = [
        edf_panel(left, study, "bottleneck", limits),
        edf_panel(middle, study, "group_width", limits),
        scatter_panel(
            right,
            study,
            "best_bottleneck",
            shared,
            shared.table["bottleneck_1"],
            "bottleneck ratio b",
            limits,
            columns=True,
        ),
    ]
    title(left, "a", "Shared bottleneck ratio")
    title(middle, "b", "Shared group width")
    title(right, "c", "Best bottleneck ratio")
    footnote(figure, runs_note(curves), edf_note(study), bootstrap_note(study), error_note(curves))
    return finish(figure, study, frames)
