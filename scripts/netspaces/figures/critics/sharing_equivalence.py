"""Does a restriction cost anything? Quantiles of the free space minus those of the restricted one, all at once.

For pairs of any design spaces: a panel has two curves, the larger space first.
"""

from string import ascii_lowercase

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from netspaces.figures.panels.primitives import NO_RUNS, panel_curves, say
from netspaces.figures.style import (
    BAND_ALPHA,
    BLACK,
    BLUE,
    GREY,
    PALE,
    RED,
    error_note,
    finish,
    footnote,
    grid,
    house_style,
    key,
    pretty,
    runs_note,
    title,
)
from netspaces.statistics.equivalence import BEST, ENOUGH_QUANTILES, POWER, compare_means, quantile_differences
from netspaces.statistics.intervals import Interval
from netspaces.studies.study import Drawing, Study

MEAN_AT = 106.0  # percent of networks: where the mean stands, beside the quantiles
MEAN_LOOK = {"marker": "D", "markersize": 4.5, "color": RED, "linestyle": "none"}


@house_style()
def draw(study: Study) -> Drawing:
    """One panel per pair of populations."""
    figure, (axes,) = grid(len(study.panels), key_rows=5)
    frames = [pair_panel(ax, study, panel) for ax, panel in zip(axes, study.panels, strict=True)]
    for ax, letter, panel in zip(axes, ascii_lowercase, study.panels, strict=False):
        title(ax, letter if len(axes) > 1 else "", panel.replace("_", " ").capitalize())
    pairs, level = len(study.panels), f"{100 * study.level:g} %"
    footnote(
        figure,
        runs_note(study.curves),
        f"blue: differences of quantiles with a simultaneous band (sup-t), orange: of means; both hold for all {pairs} "
        f"pairs at once with {level} (Bonferroni; {study.resamples:,} bootstrap resamples, seed {study.seed})",
        "equivalent: the interval of the two one-sided tests lies within the margin; "
        "different: that of the difference test lies on one side of 0; power: the true difference that would have been "
        "found, and the margin that equal means would have been shown to keep",
        "vertical axis linear up to the margin, logarithmic beyond",
        error_note(study.curves),
    )
    return finish(figure, study, frames)


def pair_panel(ax: Axes, study: Study, panel: str) -> pd.DataFrame:
    """Quantiles and mean of the first curve minus those of the second, with intervals, the margin and the verdict."""
    curves = panel_curves(study, panel)
    if len(curves) != 2:
        raise ValueError(f"studies.yaml: {study.name}: panels: {panel}: expected two curves, got {len(curves)}")
    a, b = curves
    ax.axhspan(-study.margin, study.margin, color=PALE, alpha=0.6, linewidth=0, zorder=0)
    ax.axhline(0, color=GREY, linewidth=0.8, zorder=1)
    ax.set(xlim=(2, 110), xlabel="networks, best to worst (%)")
    ax.set_ylabel(f"{pretty(a.label)} − {pretty(b.label)}, error (%)")
    handles, labels = [Patch(facecolor=PALE, alpha=0.6)], [f"margin: ±{study.margin:g} points of error"]
    frames = [pd.DataFrame([{"kind": "margin", "lower": -study.margin, "upper": study.margin}])]
    if min(len(a.table), len(b.table)) < 2:
        say(ax, NO_RUNS if a.table.empty or b.table.empty else "fewer than two runs yet")
        single = [a.errors.mean() - b.errors.mean()] if len(a.table) and len(b.table) else []
        ax.plot([MEAN_AT] * len(single), single, **MEAN_LOOK)
        _axis(ax, study.margin, max([10 * study.margin, *np.abs(single)]))
        frames.append(pd.DataFrame([{"kind": "mean_difference", "x": MEAN_AT} | dict(zip("y", single, strict=False))]))
    else:
        for part in (_quantiles, _mean):
            frame, handle, label = part(ax, study, a.errors, b.errors)
            frames.append(frame), handles.extend(handle), labels.extend(label)
        drawn = pd.concat(frames)[["y", "lower", "upper"]]
        _axis(ax, study.margin, np.nanmax(np.abs(drawn.to_numpy(float))))
    key(ax, handles, labels)
    counts = {"n_a": len(a.table), "n_b": len(b.table), "planned_a": a.planned, "planned_b": b.planned}
    frame = pd.concat(frames, ignore_index=True).assign(series=f"{a.label} - {b.label}", **counts)
    frame.insert(0, "panel", panel)
    return frame


def _quantiles(ax: Axes, study: Study, a: np.ndarray, b: np.ndarray) -> tuple[pd.DataFrame, list, list[str]]:
    resampling = study.resampling.simultaneous(len(study.panels))
    found = quantile_differences(a, b, resampling)
    x = 100 * found.shares
    ax.fill_between(x, found.low, found.high, color=BLUE, alpha=BAND_ALPHA, linewidth=0, zorder=2)
    ax.plot(x, found.difference, color=BLUE, zorder=3)
    best, look = found.at(BEST), {"marker": "o", "markersize": 5, "color": BLACK, "linestyle": "none"}
    ax.errorbar(x[:1], [best.estimate], _reach(best), elinewidth=1.4, **look, zorder=4)
    columns = {"x": x, "y": found.difference, "lower": found.low, "upper": found.high}
    columns |= {"networks_a": found.below_a, "networks_b": found.below_b, "level": resampling.level}
    frame = pd.DataFrame({"kind": "quantile", **columns, "resamples": study.resamples})
    rests = f"best {100 * BEST:g} % ({found.below_a[0]} and {found.below_b[0]} networks)"
    labels = ["quantiles, with their band", f"{rests}: {_numbers(best)}"]
    if np.isnan(best.low):
        labels[0] = f"quantiles; no band below {ENOUGH_QUANTILES} networks"
    line = (Patch(facecolor=(BLUE, BAND_ALPHA)), Line2D([], [], color=BLUE))
    return frame, [line, Line2D([], [], **look)], labels


def _mean(ax: Axes, study: Study, a: np.ndarray, b: np.ndarray) -> tuple[pd.DataFrame, list, list[str]]:
    found = compare_means(a, b, study.margin, len(study.panels), study.resampling)
    ax.errorbar([MEAN_AT], [found.difference.estimate], _reach(found.difference), elinewidth=1.4, **MEAN_LOOK, zorder=4)
    row = {"kind": "mean_difference", "x": MEAN_AT, "y": found.difference.estimate, "lower": found.difference.low}
    row |= {"upper": found.difference.high, "level": found.difference.level, "resamples": study.resamples}
    row |= {"margin": study.margin, "verdict": found.verdict}
    labels = [f"mean: {_numbers(found.difference)}", f"verdict on the mean: {found.verdict}"]
    if not np.isnan(found.detectable):
        seen = f"differences of {found.detectable:.2g}, margins of {found.provable:.2g}"
        labels[1] += f"\n{100 * POWER:g} % power: {seen}"
    return pd.DataFrame([row]), [Line2D([], [], **MEAN_LOOK), Line2D([], [], linestyle="none")], labels


def _reach(interval: Interval) -> np.ndarray:
    return np.abs([[interval.estimate - interval.low], [interval.high - interval.estimate]])


def _numbers(interval: Interval) -> str:
    if np.isnan(interval.low):
        return f"{interval.estimate:+.1f}"
    return f"{interval.estimate:+.1f} [{interval.low:+.1f}, {interval.high:+.1f}]"


def _axis(ax: Axes, margin: float, largest: float) -> None:
    """A vertical axis that is linear up to the margin and logarithmic beyond, with plain numbers."""
    ax.set_yscale("symlog", linthresh=margin)
    limit = 1.4 * max(largest, 2 * margin)
    ax.set_ylim(-limit, limit)
    steps = [s * 10.0**k for k in range(-3, 3) for s in (1, 2, 5)]
    steps = [step for step in steps if margin <= step <= limit]
    steps = steps if len(steps) <= 5 else [step for step in steps if f"{step:g}".strip("0.") in ("1", "")]
    ax.yaxis.set_major_locator(FixedLocator([*(-step for step in steps), 0, *steps]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g}" if value else "0"))
