"""Figure 19: fixed depth, fewer stages, and inverted bottlenecks in larger networks."""

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import differences, edf, means
from netspaces.figures.panels.differences import differences_panel
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.panels.means import INTERVAL_SHARE, intervals_note, mean_errors_panel
from netspaces.figures.panels.places import flops
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study
from netspaces.studies.wording import number

KINDS = means.KINDS | edf.KINDS | differences.KINDS
COLUMNS = means.COLUMNS | edf.COLUMNS | differences.COLUMNS
DISTRIBUTIONS = {
    "stages": "Stages",
    "bottleneck_sweep_2": "Bottleneck",
    "bottleneck_sweep_6": "Bottleneck",
}
WANTS: dict = {
    "depth": {"flops": True},
    "stages": {"at_least": 2, "flops": True},
    "bottleneck_sweep_2": {"at_least": 2, "flops": True},
    "bottleneck_sweep_6": {"at_least": 2, "flops": True},
}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Mean and best over regimes with fixed depth; distributions of the other ablations; all differences of means."""
    depth, panels = study.panel("depth"), {panel: study.panel(panel) for panel in DISTRIBUTIONS}
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
