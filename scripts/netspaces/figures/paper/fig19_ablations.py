"""Figure 19: fixed depth, fewer stages, and inverted bottlenecks in larger networks."""

from netspaces.figures.panels.primitives import edf_note, edf_panel, panel_curves
from netspaces.figures.panels.trends import INTERVAL_SHARE, differences_panel, flops, intervals_note, mean_errors_panel
from netspaces.figures.style import error_note, finish, footnote, grid, house_style, number, runs_note, title
from netspaces.studies.study import Drawing, Study

DISTRIBUTIONS = {
    "stages": "Stages",
    "bottleneck_sweep_2": "Bottleneck",
    "bottleneck_sweep_6": "Bottleneck",
}


@house_style()
def draw(study: Study) -> Drawing:
    """Mean and best over regimes with fixed depth; distributions of the other ablations; all differences of means."""
    depth, panels = panel_curves(study, "depth"), {panel: panel_curves(study, panel) for panel in DISTRIBUTIONS}
    figure, axes = grid(2, 3, width=4.0, key_rows=3)
    mean, best, *middle, last = axes.flat
    smallest = min((len(curve.table) for curve in depth if len(curve.table)), default=0)
    frames = [
        mean_errors_panel(mean, study, "mean", depth),
        mean_errors_panel(best, study, "best", depth, best_of=max(1, smallest // INTERVAL_SHARE)),
    ]
    title(mean, "a", "Depth: mean error")
    title(best, "b", "Depth: best of a few")
    for ax, letter, (panel, curves) in zip(middle, "cde", panels.items(), strict=True):
        frames.append(edf_panel(ax, study, panel))
        title(ax, letter, f"{DISTRIBUTIONS[panel]}, {number(flops(curves[0]))} MF")
    free = {curve.regime: curve for curve in depth if curve.label == depth[0].label}
    pairs = [(other.label, other, free[other.regime]) for other in depth if other.label != depth[0].label]
    pairs += [(other.label, other, first) for first, *others in panels.values() for other in others]
    frames.append(differences_panel(last, study, "differences", pairs, "RegNetX"))
    title(last, "f", "Mean errors beside RegNetX with b = 1")
    footnote(figure, runs_note(study.curves), edf_note(study), intervals_note(study), error_note(study.curves))
    return finish(figure, study, frames)
