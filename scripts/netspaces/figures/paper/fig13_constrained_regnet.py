"""Figure 13: RegNetX as it is, and constrained to networks that are like the best ones."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from netspaces.figures.panels.primitives import (
    NO_RUNS,
    edf_note,
    edf_panel,
    error_axis,
    error_limits,
    log2_axis,
    panel_curves,
    say,
)
from netspaces.figures.style import (
    error_note,
    finish,
    footnote,
    grid,
    house_style,
    key,
    looks,
    number,
    pretty,
    runs_note,
    title,
)
from netspaces.statistics.search import bootstrap_interval
from netspaces.studies.study import Curve, Drawing, Study

TREND = "trend"
MEANS = {"error": "mean error", "params": "mean parameters", "activations": "mean activations"}
DODGE = 0.08  # in doublings: between the two spaces


@house_style()
def draw(study: Study) -> Drawing:
    """Above: error distributions in single regimes. Below: means over all regimes, of errors and of complexity."""
    panels, trend = [panel for panel in study.panels if panel != TREND], panel_curves(study, TREND)
    figure, (upper, lower) = grid(max(3, len(panels)), 2, key_rows=3)
    frames = []
    for ax, letter, panel in zip(upper, "abcdef", panels, strict=False):
        curves = panel_curves(study, panel)
        frames.append(edf_panel(ax, study, panel, error_limits(curves)))
        title(ax, letter, _regime(curves[0]))
    for ax, letter, quantity in zip(lower, "abcdefghi"[len(panels) :], MEANS, strict=False):
        frames.append(means_panel(ax, study, trend, quantity))
        title(ax, letter, MEANS[quantity].capitalize() + " over regimes")
    for ax in (*upper[len(panels) :], *lower[len(MEANS) :]):
        ax.set_axis_off()
    limits = study.inputs.get("limits", {}).get("constraints", [])
    declared = study.definitions[trend[-1].space].get("constraints", [])
    constrained = f"constrained: b = 1, w_m ≥ 2, {', '.join([*declared, *limits])}" if limits else ""
    means = f"vertical lines: {100 * study.level:g} % BCa intervals of means ({study.resamples:,} resamples, seed "
    notes = (constrained, runs_note(study.curves), edf_note(study), f"{means}{study.seed})", error_note(study.curves))
    footnote(figure, *notes)
    return finish(figure, study, frames)


def _regime(curve: Curve) -> str:
    if "flops" not in curve.limits:
        return pretty(curve.regime)
    low, high = curve.limits["flops"]
    scale, name = (1e9, "GF") if high >= 1e9 else (1e6, "MF")
    return f"{number(low / scale)} to {number(high / scale)} {name}"


def means_panel(ax: Axes, study: Study, curves: Sequence[Curve], quantity: str) -> pd.DataFrame:
    """Mean error or complexity of each space over its regimes, with intervals; regimes lie at their upper limits."""
    panel, styles, labels = f"mean_{quantity}", looks(study), list(dict.fromkeys(curve.label for curve in curves))
    highest = [curve.limits["flops"][1] for curve in curves]
    f_scale, f_name = (1e9, "GF") if max(highest) >= 1e9 else (1e6, "MF")
    frame = pd.DataFrame([_mean(study, curve, quantity) for curve in curves])
    largest = np.nanmax([*frame["y"], 0])
    scale, name = (1, "%") if quantity == "error" else (1e6, "M") if largest >= 1e6 else (1e3, "k")
    frame[["y", "lower", "upper"]] /= scale
    shift = frame["series"].map({label: DODGE * (i - (len(labels) - 1) / 2) for i, label in enumerate(labels)})
    frame["x"] = np.array(highest) / f_scale * np.exp2(shift)
    log2_axis(
        ax.xaxis,
        min(highest) / f_scale / 2**0.4,
        max(highest) / f_scale * 2**0.4,
        sorted({h / f_scale for h in highest}),
    )
    ax.set(xlabel=f"flops ({f_name})", ylabel=f"{MEANS[quantity]} ({name})")
    there = frame[frame["y"].notna()]
    if there.empty:
        say(ax, NO_RUNS)
    elif quantity == "error":
        drawn = there[["y", "lower", "upper"]]
        low, high = drawn.min(axis=None), drawn.max(axis=None)
        logarithmic = low > 0 and high > 4 * low
        margin = 0.06 * (high - low) or 0.5
        limits = (low / 1.1, high * 1.1, True) if logarithmic else (low - margin, high + margin, False)
        error_axis(ax.yaxis, limits, MEANS[quantity])
    else:
        log2_axis(
            ax.yaxis, there[["y", "lower"]].min(axis=None) / 2**0.4, there[["y", "upper"]].max(axis=None) * 2**0.4
        )
    handles, beside = [], []
    for label in labels:
        rows, look = there[there["series"] == label], styles[label] | {"marker": "o", "markersize": 4}
        ax.plot(rows["x"], rows["y"], **look)
        ax.vlines(rows["x"], rows["lower"], rows["upper"], color=look["color"], linewidth=1.6)
        handles.append(Line2D([], [], **look))
        theirs = _printed(study, next(c.space for c in curves if c.label == label), quantity)
        beside.append(f"{number(theirs.iloc[0])} to {number(theirs.iloc[-1])}" if len(theirs) else "")
    unit = {"error": " (%)", "params": " (M)"}.get(quantity, "")
    key(ax, handles, [pretty(label) for label in labels], beside, heads=("mean", f"paper{unit}"))
    frame.insert(0, "panel", panel)
    return frame


def _mean(study: Study, curve: Curve, quantity: str) -> dict:
    """A population's mean with its interval; one network has none."""
    values = curve.errors if quantity == "error" else curve.table[quantity].to_numpy(float)
    mean, low, high = (values.mean() if len(values) else np.nan), np.nan, np.nan
    if len(values) > 1:
        found = bootstrap_interval(values, resampling=study.resampling)
        mean, low, high = found.estimate, found.low, found.high
    row = {"series": curve.label, "kind": "mean", "x": np.nan, "y": mean, "lower": low, "upper": high}
    row |= {"regime": curve.regime, "recipe": curve.recipe, "n": len(values), "planned": curve.planned}
    theirs = _printed(study, curve.space, quantity).get(curve.regime, np.nan)
    return row | {"level": study.level, "published": theirs}


def _printed(study: Study, space: str, quantity: str) -> pd.Series:
    """The paper's means of a space by regime: errors in percent, parameters in millions."""
    rows, column = study.published, {"error": "mean_error", "params": "mean_params_millions"}.get(quantity)
    if column not in rows:
        return pd.Series(dtype=float)
    return rows[(rows["panel"] == TREND) & (rows["space"] == space)].set_index("regime")[column].dropna()
