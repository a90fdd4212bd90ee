"""Figure 21: learning rate and weight decay as sampled parameters of RegNetX, over regimes and epochs."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import scatter, trends
from netspaces.figures.panels.places import epochs, flops
from netspaces.figures.panels.recipes import SAMPLED, scatter_row
from netspaces.figures.panels.scatter import bootstrap_note
from netspaces.figures.panels.trends import best_values_panel, trend_note
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = scatter.KINDS | trends.KINDS
COLUMNS = scatter.COLUMNS | trends.COLUMNS
OVER = {"regimes": flops, "epochs": epochs}
WANTS: dict = {
    "base": {"curves": 1, "columns": ["learning_rate", "weight_decay"]},
    "regimes": {"flops": True, "columns": ["learning_rate", "weight_decay"]},
    "epochs": {"trained": True, "columns": ["learning_rate", "weight_decay"]},
}


@house_style()
def draw(study: Study) -> Drawing:
    """A column per parameter of the recipe; rows: error against it, its best values over regimes, and over epochs."""
    base = study.panel("base")[0]
    figure, (first, *rows) = grid(3, 3, key_rows=4)
    frames = scatter_row(first, study, "base", base)
    for ax, letter, (words, _) in zip(first, "abc", SAMPLED.values(), strict=True):
        title(ax, letter, words)
    for axes, letters, (over, at) in zip(rows, ("def", "ghi"), OVER.items(), strict=True):
        curves = study.panel(over)
        for ax, letter, (name, (words, parameter)) in zip(axes, letters, SAMPLED.items(), strict=True):
            frames.append(best_values_panel(ax, study, f"{over}_{name}", curves, parameter, at))
            title(ax, letter, f"{words}, {over}")
    bands = f"{bootstrap_note(study)}; good and best: the same for each regime or number of epochs"
    footnote(figure, runs_note(study.curves), bands, trend_note(study), error_note(study.curves))
    return finish(figure, study, frames)
