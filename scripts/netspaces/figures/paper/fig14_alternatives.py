"""Figure 14: alternatives to the constrained RegNetX: inverted bottlenecks, depthwise convolution, resolution, SE."""

from netspaces.figures.panels.primitives import edf_note, edf_panel, panel_curves
from netspaces.figures.panels.trends import differences_panel, flops, intervals_note
from netspaces.figures.style import error_note, finish, footnote, grid, house_style, number, runs_note, title
from netspaces.studies.study import Drawing, Study

PANELS = {
    "bottleneck": "Bottleneck",
    "resolution_sweep_2": "Resolution",
    "resolution_sweep_3": "Resolution",
    "squeeze_excitation_sweep_2": "Squeeze-and-excitation",
    "squeeze_excitation_sweep_3": "Squeeze-and-excitation",
}


@house_style()
def draw(study: Study) -> Drawing:
    """Error distributions of each alternative, and its mean error beside that of the constrained RegNetX."""
    panels = {panel: panel_curves(study, panel) for panel in PANELS}
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
