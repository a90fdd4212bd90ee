"""Figure 22: learning rate and weight decay as sampled parameters of EfficientNet, over regimes."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import scatter, trends
from netspaces.figures.panels.recipes import SAMPLED, scatter_row
from netspaces.figures.panels.scatter import bootstrap_note
from netspaces.figures.panels.trends import best_values_panel, trend_note
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = scatter.KINDS | trends.KINDS
COLUMNS = scatter.COLUMNS | trends.COLUMNS
WANTS: dict = {
    "base": {"curves": 1, "columns": ["learning_rate", "weight_decay"]},
    "regimes": {"flops": True, "columns": ["learning_rate", "weight_decay"]},
}


@house_style()
def draw(study: Study) -> Drawing:
    """A column per parameter of the recipe; above error against it, below its best values over regimes."""
    curve, regimes = study.panel("base")[0], study.panel("regimes")
    figure, (first, second) = grid(3, 2, key_rows=4)
    frames = scatter_row(first, study, "base", curve)
    for ax, letter, (words, _) in zip(first, "abc", SAMPLED.values(), strict=True):
        title(ax, letter, words)
    for ax, letter, (name, (words, parameter)) in zip(second, "def", SAMPLED.items(), strict=True):
        frames.append(best_values_panel(ax, study, f"regimes_{name}", regimes, parameter))
        title(ax, letter, f"{words}, regimes")
    bands = f"{bootstrap_note(study)}; good and best: the same for each regime"
    footnote(figure, runs_note(study.curves), bands, trend_note(study), error_note(study.curves))
    return finish(figure, study, frames)
