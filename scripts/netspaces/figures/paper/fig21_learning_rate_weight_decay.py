"""Figure 21: learning rate and weight decay as sampled parameters of RegNetX, over regimes and epochs."""

from string import ascii_lowercase

from netspaces.figures.panels.primitives import bootstrap_note, panel_curves
from netspaces.figures.panels.recipes import SETTINGS, axis_name, log10_of, scatter_row
from netspaces.figures.panels.trends import best_values_panel, epochs, flops, trend_note
from netspaces.figures.style import error_note, finish, footnote, grid, house_style, runs_note, title
from netspaces.studies.study import Drawing, Study

OVER = {"regimes": flops, "epochs": epochs}


@house_style()
def draw(study: Study) -> Drawing:
    """A column per setting; rows: error against it, its best values over regimes, and over epochs."""
    (base, *_), over = panel_curves(study, "base"), {panel: panel_curves(study, panel) for panel in OVER}
    figure, (top, *rows) = grid(3, 3, key_rows=4)
    frames = scatter_row(top, study, "base", base)
    for axes, (panel, at) in zip(rows, OVER.items(), strict=True):
        for ax, setting in zip(axes, SETTINGS, strict=True):
            name, values = f"{panel}_{setting}", log10_of(setting)
            frames.append(best_values_panel(ax, study, name, over[panel], values, axis_name(setting), at))
    for i, (letter, ax) in enumerate(zip(ascii_lowercase, (*top, *rows[0], *rows[1]), strict=False)):
        setting = list(SETTINGS.values())[i % 3][0]
        title(ax, letter, setting[0].upper() + setting[1:] + ("", ", regimes", ", epochs")[i // 3])
    bands = f"{bootstrap_note(study)}; good and best: the same for each regime or number of epochs"
    footnote(figure, runs_note(study.curves), bands, trend_note(study), error_note(study.curves))
    return finish(figure, study, frames)
