"""Figure 22: learning rate and weight decay as sampled parameters of EfficientNet."""

from netspaces.figures.panels.primitives import bootstrap_note, panel_curves
from netspaces.figures.panels.recipes import SETTINGS, scatter_row
from netspaces.figures.style import error_note, finish, footnote, grid, house_style, runs_note, title
from netspaces.studies.study import Drawing, Study


@house_style()
def draw(study: Study) -> Drawing:
    """Error against learning rate, weight decay and their product, with best values."""
    (curve, *_) = panel_curves(study, "base")
    figure, (axes,) = grid(3, key_rows=4)
    frames = scatter_row(axes, study, "base", curve)
    for ax, letter, (words, _) in zip(axes, "abc", SETTINGS.values(), strict=True):
        title(ax, letter, words[0].upper() + words[1:])
    footnote(figure, runs_note([curve]), bootstrap_note(study), error_note([curve]))
    return finish(figure, study, frames)
