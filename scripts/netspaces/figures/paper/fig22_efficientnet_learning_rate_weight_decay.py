"""Figure 22: learning rate and weight decay as sampled parameters of EfficientNet."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import scatter
from netspaces.figures.panels.recipes import SAMPLED, scatter_row
from netspaces.figures.panels.scatter import bootstrap_note
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = scatter.KINDS
COLUMNS = scatter.COLUMNS
WANTS: dict = {"base": {"curves": 1, "columns": ["learning_rate", "weight_decay"]}}


@house_style()
def draw(study: Study) -> Drawing:
    """Error against learning rate, weight decay and their product, with best values."""
    curve = study.panel("base")[0]
    figure, (axes,) = grid(3, key_rows=4)
    frames = scatter_row(axes, study, "base", curve)
    for ax, letter, (words, _) in zip(axes, "abc", SAMPLED.values(), strict=True):
        title(ax, letter, words)
    footnote(figure, runs_note([curve]), bootstrap_note(study), error_note([curve]))
    return finish(figure, study, frames)
