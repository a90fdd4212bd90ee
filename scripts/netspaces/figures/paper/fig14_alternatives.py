"""Figure 14: alternatives to the constrained RegNetX: inverted bottlenecks, depthwise convolution, resolution, SE."""

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
PANELS = {
    "bottleneck": "Bottleneck",
    "resolution_sweep_2": "Resolution",
    "resolution_sweep_3": "Resolution",
    "squeeze_excitation_sweep_2": "Squeeze-and-excitation",
    "squeeze_excitation_sweep_3": "Squeeze-and-excitation",
}
WANTS: dict = {
    "bottleneck": {"at_least": 2, "flops": True},
    "resolution_sweep_2": {"at_least": 2, "flops": True},
    "resolution_sweep_3": {"at_least": 2, "flops": True},
    "squeeze_excitation_sweep_2": {"at_least": 2, "flops": True},
    "squeeze_excitation_sweep_3": {"at_least": 2, "flops": True},
}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Error distributions of each alternative, and its mean error beside that of the constrained RegNetX."""
    panels = {panel: study.panel(panel) for panel in PANELS}
    figure, axes = grid(2, 3, width=4.0, key_rows=4)
    frames = []
    for ax, letter, (panel, curves) in zip(axes.flat, "abcde", panels.items(), strict=False):
        frames.append(edf_panel(ax, study, panel))
        title(ax, letter, f"{PANELS[panel]}, {number(flops(curves[0]))} MF")
    pairs = [(other.label, other, first) for first, *others in panels.values() for other in others]
    frames.append(differences_panel(axes.flat[5], study, "differences", pairs, "b = 1"))
    title(axes.flat[5], "f", "Mean errors beside RegNetX with b = 1")
    footnote(figure, runs_note(study.curves), edf_note(study), intervals_note(study), error_note(study.curves))
    return finish(figure, study, frames)
