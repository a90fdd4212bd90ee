"""Figure 13: RegNetX as it is, and constrained to networks that are like the best ones."""

from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf
from netspaces.figures.panels.axes import NO_RUNS, error_axis, log2_axis, mean_error_limits, say, unit
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.panels.places import dodge
from netspaces.figures.style import grid, house_style, looks, pretty, title
from netspaces.spaces.limits import takes_limits
from netspaces.statistics.intervals import Interval
from netspaces.statistics.search import bootstrap_interval
from netspaces.studies.study import Curve, Row, Study
from netspaces.studies.wording import number

KINDS = edf.KINDS | {
    "mean": "mean error or complexity, in units of the axis, with its interval; x flops, shifted a little to be seen",
}
COLUMNS = (
    edf.COLUMNS
    | shared("regime", "recipe")
    | {"published": "the paper's mean, read off its figure: error in %, or parameters in millions"}
)
TREND = "trend"
MEANS = {"error": "mean error", "params": "mean parameters", "activations": "mean activations"}
DODGE = 0.08  # in doublings: between the two spaces
WANTS: dict = {"trend": {"flops": True, "columns": ["params", "activations"]}, "*": {}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Above: error distributions in single regimes. Below: means over all regimes, of errors and of complexity."""
    panels, trend = [panel for panel in study.panels if panel != TREND], study.panel(TREND)
    figure, (upper, lower) = grid(max(3, len(panels)), 2, key_rows=3)
    frames = []
    for ax, letter, panel in zip(upper, ascii_lowercase, panels, strict=False):
        curves = study.panel(panel)
        frames.append(edf_panel(ax, study, panel))
        title(ax, letter, _regime(curves[0]))
    for ax, letter, quantity in zip(lower, ascii_lowercase[len(panels) :], MEANS, strict=False):
        frames.append(means_panel(ax, study, trend, quantity))
        title(ax, letter, MEANS[quantity].capitalize() + " over regimes")
    for ax in (*upper[len(panels) :], *lower[len(MEANS) :]):
        ax.set_axis_off()
    space = study.definitions[trend[-1].space]
    derived = study.inputs.get("limits", {}).get("constraints", []) if takes_limits(space) else []
    constraints = ", ".join([*space.get("constraints", []), *derived])
    constrained = f"constrained: b = 1, w_m ≥ 2, {constraints}" if constraints else ""
    means = f"vertical lines: {100 * study.level:g} % intervals of means, the wider of Student's t and BCa"
    notes = (constrained, runs_note(study.curves), edf_note(study), means, error_note(study.curves))
    footnote(figure, *notes)
    return finish(figure, study, frames)


def _regime(curve: Curve) -> str:
    if "flops" not in curve.limits:
        return pretty(curve.regime)
    low, high = curve.limits["flops"]
    scale, name = unit([high], "flops")
    return f"{number(low / scale)} to {number(high / scale)} {name}"


def means_panel(ax: Axes, study: Study, curves: Sequence[Curve], quantity: str) -> pd.DataFrame:
    """Mean error or complexity of each space over its regimes, with intervals; regimes lie at their upper limits."""
    labels = list(dict.fromkeys(curve.label for curve in curves))
    frame, name = _means(study, curves, labels, quantity)
    highest = [curve.limits["flops"][1] for curve in curves]
    f_scale, f_name = unit(highest, "flops")
    ticks = sorted({h / f_scale for h in highest})
    log2_axis(ax.xaxis, ticks[0] / 2**0.4, ticks[-1] * 2**0.4, ticks)
    ax.set(xlabel=f"flops ({f_name})", ylabel=f"{MEANS[quantity]} ({name})")
    known = frame[frame["y"].notna()]
    if known.empty:
        say(ax, NO_RUNS)
    elif quantity == "error":
        error_axis(ax.yaxis, mean_error_limits(known), MEANS[quantity])
    else:
        ends = known[["y", "lower", "upper"]]
        low, high = ends[ends > 0].min(axis=None), ends.max(axis=None)  # intervals of two networks reach below 0
        log2_axis(ax.yaxis, low / 2**0.4, high * 2**0.4)
    key = Key("mean", "paper" + {"error": " (%)", "params": " (M)"}.get(quantity, ""))
    for label in labels:
        rows, look = known[known["series"] == label], looks(study)[label] | {"marker": "o", "markersize": 4}
        ax.plot(rows["x"], rows["y"], **look)
        ax.vlines(rows["x"], rows["lower"], rows["upper"], color=look["color"], linewidth=1.6)
        theirs = _printed(study, next(c.space for c in curves if c.label == label), quantity)
        paper = f"{number(theirs.iloc[0])} to {number(theirs.iloc[-1])}" if len(theirs) else ""
        key.add(line(**look), pretty(label), paper)
    key.draw(ax)
    frame.insert(0, "panel", f"mean_{quantity}")
    return frame


def _means(study: Study, curves: Sequence[Curve], labels: Sequence[str], quantity: str) -> tuple[pd.DataFrame, str]:
    """A row per curve, in units of the axes, and the name of the vertical axis' unit."""
    frame = pd.DataFrame([_mean(study, curve, quantity) for curve in curves])
    scale, name = unit(frame["y"].dropna(), quantity)
    frame[["y", "lower", "upper"]] /= scale
    highest = [curve.limits["flops"][1] for curve in curves]
    shifts = frame["series"].map({label: dodge(i, len(labels), DODGE) for i, label in enumerate(labels)})
    frame["x"] = np.array(highest) / unit(highest, "flops")[0] * np.exp2(shifts)
    return frame, name


def _mean(study: Study, curve: Curve, quantity: str) -> dict:
    """A population's mean with its interval; one network has none."""
    values = curve.errors if quantity == "error" else curve.table[quantity].to_numpy(float)
    if len(values) > 1:
        interval = bootstrap_interval(values, resampling=study.resampling)
    else:
        interval = Interval(values.mean() if len(values) else np.nan, np.nan, np.nan, study.level)
    row: Row = {"series": curve.label, "kind": "mean", "x": np.nan, "y": interval.estimate}
    row |= {"lower": interval.low, "upper": interval.high, "regime": curve.regime, "recipe": curve.recipe}
    row |= {"n": len(values), "planned": curve.planned, "level": study.level}
    return row | {"published": _printed(study, curve.space, quantity).get(curve.regime, np.nan)}


def _printed(study: Study, space: str, quantity: str) -> pd.Series:
    """The paper's means of a space by regime: errors in percent, parameters in millions."""
    rows, column = study.published, {"error": "mean_error", "params": "mean_params_millions"}.get(quantity)
    if column not in rows:
        return pd.Series(dtype=float)
    return rows[(rows["panel"] == TREND) & (rows["space"] == space)].set_index("regime")[column].dropna()
