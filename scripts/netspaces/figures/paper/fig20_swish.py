"""Figure 20: Swish beside ReLU in RegNetY over regimes, and with depthwise convolution."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import differences, edf
from netspaces.figures.panels.differences import differences_panel
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.panels.means import intervals_note
from netspaces.figures.panels.places import flops
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study
from netspaces.studies.wording import number

KINDS = edf.KINDS | differences.KINDS
COLUMNS = edf.COLUMNS | differences.COLUMNS
PANELS = ("sweep_2", "sweep_4", "sweep_6", "depthwise")
DISTRIBUTIONS = {"sweep_2": "Small networks", "sweep_6": "Large networks", "depthwise": "Depthwise"}
WANTS: dict = {
    "sweep_2": {"curves": 2, "flops": True},
    "sweep_4": {"curves": 2, "flops": True},
    "sweep_6": {"curves": 2, "flops": True},
    "depthwise": {"curves": 2, "flops": True},
}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Distributions in a small and a large regime and with depthwise convolution; differences of means over regimes."""
    panels = {panel: study.panel(panel) for panel in PANELS}
    figure, axes = grid(2, 2, width=4.0, key_rows=3)
    *distributions, last = axes.flat
    frames = [edf_panel(ax, study, panel) for ax, panel in zip(distributions, DISTRIBUTIONS, strict=True)]
    for ax, letter, (panel, words) in zip(distributions, "abc", DISTRIBUTIONS.items(), strict=True):
        title(ax, letter, f"{words}, {number(flops(panels[panel][0]))} MF")
    pairs = [(swish.label, swish, relu) for relu, swish in panels.values()]
    frames.append(differences_panel(last, study, "differences", pairs, "the same with ReLU"))
    title(last, "d", "Mean error of Swish beside ReLU")
    footnote(figure, runs_note(study.curves), edf_note(study), intervals_note(study), error_note(study.curves))
    return finish(figure, study, frames)
