"""Error distributions at equal complexity: weighted so that parameters, activations or time are distributed alike."""

from string import ascii_lowercase

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf
from netspaces.figures.panels.axes import NO_RUNS, error_axis, error_limits, say
from netspaces.figures.panels.edf import BANDS, draw_bars, draw_steps, edf_note
from netspaces.figures.style import EDF_ALPHA, Look, grid, house_style, looks, pretty, title
from netspaces.statistics.edf import dkw_half_width
from netspaces.statistics.matching import BALANCED, Matched, match, unmatched, weighted_mean, weighted_steps
from netspaces.studies.study import Curve, Study
from netspaces.studies.times import complexities, conditions_of, timing_note
from netspaces.studies.wording import number

KINDS = {kind: edf.KINDS[kind] for kind in ("edf", "summary")}
COLUMNS = edf.COLUMNS | {
    "bins": "bins of the complexity",
    "effective": "effective sample size",
    "outside": "share of the space's networks outside the range that all share",
    "range_low": "lower end of that range, in units of the complexity",
    "range_high": "upper end of that range",
    "gap": "largest difference of mean log complexity between two spaces, in standard deviations, with weights",
    "gap_unweighted": "the same without weights",
}
ACROSS = 3  # panels in a row
WITHIN = "within the regime"
WANTS: dict = {"spaces": {"columns": ["flops", "params", "activations"]}}


@house_style()
def draw(study: Study) -> Drawing:
    """A panel without weights, one per counted complexity, and one per device's first conditions of times."""
    curves = study.panel("spaces")
    shown = chosen(study, curves)
    rows = -(-len(shown) // ACROSS)
    figure, axes = grid(ACROSS, rows, key_rows=3 + len(curves))
    frames = []
    for ax, letter, (name, values) in zip(axes.flat, ascii_lowercase, shown.items(), strict=False):
        frames.append(matched_panel(ax, study, curves, name, values))
        title(ax, letter, heading(name, frames[-1]))
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    note = (
        f"{edf_note(study)} with the effective sample size n' in place of n; weights: equal shares of each bin of a "
        f"complexity in all spaces, none outside the range that all share; gap: largest difference of mean log "
        f"complexity between two spaces, in standard deviations, without and with weights (equal: at most {BALANCED})"
    )
    footnote(figure, runs_note(curves), note, timing_note(study, curves), error_note(curves))
    return finish(figure, study, frames)


def heading(name: str, drawn: pd.DataFrame) -> str:
    """The title of a panel: it says "equal" only where weights have made the spaces equal."""
    if name == WITHIN:
        return name.capitalize()
    words = name[0].upper() + name[1:]
    gap = drawn["gap"].max() if "gap" in drawn else 0.0
    return f"{words}, not equal" if gap > BALANCED else f"Equal {name}"


def chosen(study: Study, curves: list[Curve]) -> dict[str, dict[str, np.ndarray]]:
    """The complexities of the panels: none but the regime's, those counted, and the first conditions of each device."""
    by_complexity = complexities(study, curves)
    first = {timed.processor: f"time: {timed.name}" for timed in reversed(conditions_of(study, curves))}
    counted = {name: values for name, values in by_complexity.items() if not name.startswith("time: ")}
    timed = {name: values for name, values in by_complexity.items() if name in first.values()}
    return {WITHIN: counted["flops"], **counted, **timed}


def matched_panel(
    ax: Axes, study: Study, curves: list[Curve], name: str, values: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Weighted error distributions of spaces whose networks are alike in one complexity."""
    error_axis(ax.xaxis, error_limits(curves))
    ax.set(ylim=(0, 1.005), ylabel="cumulative prob.")
    with_runs = [curve for curve in curves if len(curve.table)]
    matched = unmatched(values) if name == WITHIN else _matched(values)
    if matched is None or not with_runs:
        say(ax, f"no {name} in common" if with_runs else NO_RUNS)
        return pd.DataFrame(
            [{"panel": name, "series": c.label, "kind": "summary", "planned": c.planned} for c in curves]
        )
    key, frames, styles = Key("[min|mean] error, %"), [], looks(study)
    for curve in with_runs:
        alpha = EDF_ALPHA if len(with_runs) <= BANDS else 0
        frames += _weighted_curve(ax, study, curve, matched, styles[curve.label], name, alpha)
        weights = matched.weights[curve.population]
        low, mean = curve.errors[weights > 0].min(), weighted_mean(curve.errors, weights)
        effective = number(matched.effective(curve.population), 3)
        key.add(line(**styles[curve.label]), f"[{low:.1f}|{mean:.1f}] {pretty(curve.label)}, n' = {effective}")
    if name != WITHIN:
        key.add(None, f"bins: {matched.k}; gap: {matched.before:.2f}, weighted {matched.imbalance:.2f}")
    if len(with_runs) > BANDS:
        halves = {curve.label: dkw_half_width(matched.effective(curve.population), study.level) for curve in with_runs}
        draw_bars(ax, halves, styles)
    key.draw(ax)
    return pd.concat(frames, ignore_index=True)


def _matched(values: dict[str, np.ndarray]) -> Matched | None:
    return match(values) if len(values) > 1 and all(np.isfinite(own).all() for own in values.values()) else None


def _weighted_curve(
    ax: Axes, study: Study, curve: Curve, matched: Matched, look: Look, name: str, alpha: float
) -> list[pd.DataFrame]:
    weights = matched.weights[curve.population]
    vertices = weighted_steps(curve.errors, weights, study.level, ax.get_xlim())
    steps = draw_steps(ax, vertices, curve.label, look, alpha)
    summary = {"minimum": curve.errors[weights > 0].min(), "mean": weighted_mean(curve.errors, weights)}
    summary |= {"n": len(curve.table), "planned": curve.planned, "level": study.level, "bins": matched.k}
    summary |= {"diverged": curve.diverged}
    summary |= {"effective": matched.effective(curve.population), "outside": matched.outside(curve.population)}
    summary |= {"range_low": matched.edges[0], "range_high": matched.edges[-1]}
    summary |= {"gap": matched.imbalance, "gap_unweighted": matched.before}
    parts = [steps, pd.DataFrame([{"kind": "summary", **summary}])]
    return [part.assign(panel=name, series=curve.label) for part in parts]
