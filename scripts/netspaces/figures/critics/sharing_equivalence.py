"""Does a restriction cost anything? Quantiles of the free space minus those of the restricted one, all at once.

For pairs of any design spaces: a panel has two curves, the larger space first.
"""

from string import ascii_lowercase

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.key import Key, band, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels.axes import NO_RUNS, say
from netspaces.figures.style import (
    BAND_ALPHA,
    BLACK,
    BLUE,
    GREY,
    PALE,
    RED,
    Look,
    grid,
    house_style,
    pretty,
    title,
    words,
)
from netspaces.statistics.equivalence import BEST, ENOUGH_QUANTILES, POWER, compare_means, quantile_differences
from netspaces.statistics.intervals import Interval
from netspaces.studies.study import Curve, Row, Study
from netspaces.studies.wording import interval_text

KINDS = {
    "margin": "the stripe of differences that do not matter",
    "quantile": "quantile of one population minus that of another, with the simultaneous band; x a share of the "
    "networks, from the best (%)",
    "mean_difference": "difference of the means with its interval, drawn beside the quantiles",
}
COLUMNS = {
    "networks_a": "networks of the first population at or below the quantile",
    "networks_b": "networks of the second population at or below it",
    "margin": "largest difference that does not matter, percentage points",
    "verdict": "verdict on the difference of means",
    "n_a": "networks of the first population with a run",
    "n_b": "networks of the second population with a run",
    "planned_a": "networks of the first population in all",
    "planned_b": "networks of the second population in all",
} | shared("level", "resamples")
MEAN_AT = 106.0  # percent of networks: where the mean stands, beside the quantiles
MEAN_LOOK: Look = {"marker": "D", "markersize": 4.5, "color": RED, "linestyle": "none"}
WANTS: dict = {"*": {"curves": 2}}


@house_style()
def draw(study: Study) -> Drawing:
    """One panel per pair of populations."""
    figure, (axes,) = grid(len(study.panels), key_rows=5)
    frames = [pair_panel(ax, study, panel) for ax, panel in zip(axes, study.panels, strict=True)]
    for ax, letter, panel in zip(axes, ascii_lowercase, study.panels, strict=False):
        title(ax, letter if len(axes) > 1 else "", words(panel.capitalize()))
    pairs, level = len(study.panels), f"{100 * study.level:g} %"
    footnote(
        figure,
        runs_note(study.curves),
        f"blue: differences of quantiles with a simultaneous band (sup-t), orange: of means; both hold for all {pairs} "
        f"pairs at once with {level} (Bonferroni; band: {study.resamples:,} bootstrap resamples, seed {study.seed})",
        "equivalent: the interval of the two one-sided tests lies within the margin; "
        "different: that of the difference test lies on one side of 0; power: the true difference that would have been "
        "found, and the margin that equal means would have been shown to keep",
        "vertical axis linear up to the margin, logarithmic beyond",
        error_note(study.curves),
    )
    return finish(figure, study, frames)


def pair_panel(ax: Axes, study: Study, panel: str) -> pd.DataFrame:
    """Quantiles and mean of the first curve minus those of the second, with intervals, the margin and the verdict."""
    a, b = study.pair(panel)
    ax.axhspan(-study.margin, study.margin, color=PALE, alpha=0.6, linewidth=0, zorder=0)
    ax.axhline(0, color=GREY, linewidth=0.8, zorder=1)
    ax.set(xlim=(2, 110), xlabel="networks, best to worst (%)")
    ax.set_ylabel(f"{pretty(a.label)} − {pretty(b.label)}, error (%)")
    key = Key()
    key.add(Patch(facecolor=PALE, alpha=0.6), f"margin: ±{study.margin:g} points of error")
    frames = [pd.DataFrame([{"kind": "margin", "lower": -study.margin, "upper": study.margin}])]
    if min(len(a.table), len(b.table)) < 2:
        say(ax, NO_RUNS if a.table.empty or b.table.empty else "fewer than two runs yet")
        frames.append(_draw_single(ax, study, a, b))
    else:
        frames.append(_draw_quantiles(ax, key, study, a.errors, b.errors))
        frames.append(_draw_mean(ax, key, study, a.errors, b.errors))
        drawn = pd.concat(frames)[["y", "lower", "upper"]]
        _axis(ax, study.margin, np.nanmax(np.abs(drawn.to_numpy(float))))
    key.draw(ax)
    counts = {"n_a": len(a.table), "n_b": len(b.table), "planned_a": a.planned, "planned_b": b.planned}
    frame = pd.concat(frames, ignore_index=True).assign(series=f"{a.label} - {b.label}", **counts)
    frame.insert(0, "panel", panel)
    return frame


def _draw_single(ax: Axes, study: Study, a: Curve, b: Curve) -> pd.DataFrame:
    """The difference of means without an interval, where there are too few runs for one; none if a curve has no run."""
    differences = [a.errors.mean() - b.errors.mean()] if len(a.table) and len(b.table) else []
    ax.plot([MEAN_AT] * len(differences), differences, **MEAN_LOOK)
    _axis(ax, study.margin, max([10 * study.margin, *np.abs(differences)]))
    return pd.DataFrame({"kind": "mean_difference", "x": MEAN_AT, "y": differences or [np.nan]})


def _draw_quantiles(ax: Axes, key: Key, study: Study, a: np.ndarray, b: np.ndarray) -> pd.DataFrame:
    """Differences of quantiles with their band, the best networks' apart."""
    resampling = study.resampling.simultaneous(len(study.panels))
    differences = quantile_differences(a, b, resampling)
    x, best = 100 * differences.shares, differences.at(BEST)
    ax.fill_between(x, differences.low, differences.high, color=BLUE, alpha=BAND_ALPHA, linewidth=0, zorder=2)
    ax.plot(x, differences.difference, color=BLUE, zorder=3)
    look: Look = {"marker": "o", "markersize": 5, "color": BLACK, "linestyle": "none"}
    ax.errorbar(x[:1], [best.estimate], _reach(best), elinewidth=1.4, **look, zorder=4)
    banded = "quantiles, with their band"
    if np.isnan(best.low):
        banded = f"quantiles; no band below {ENOUGH_QUANTILES} networks"
    key.add((band(BLUE), line(color=BLUE)), banded)
    counts = f"{differences.below_a[0]} and {differences.below_b[0]} networks"
    key.add(line(**look), f"best {100 * BEST:g} % ({counts}): {_numbers(best)}")
    columns: Row = {"x": x, "y": differences.difference, "lower": differences.low, "upper": differences.high}
    columns |= {"networks_a": differences.below_a, "networks_b": differences.below_b, "level": resampling.level}
    return pd.DataFrame({"kind": "quantile", **columns, "resamples": study.resamples})


def _draw_mean(ax: Axes, key: Key, study: Study, a: np.ndarray, b: np.ndarray) -> pd.DataFrame:
    """The difference of means with its interval and the verdict."""
    means = compare_means(a, b, study.margin, len(study.panels), study.level)
    difference = means.difference
    ax.errorbar([MEAN_AT], [difference.estimate], _reach(difference), elinewidth=1.4, **MEAN_LOOK, zorder=4)
    key.add(line(**MEAN_LOOK), f"mean: {_numbers(difference)}")
    power = ""
    if not np.isnan(means.detectable):
        seen = f"differences of {means.detectable:.2g}, margins of {means.provable:.2g}"
        power = f"\n{100 * POWER:g} % power: {seen}"
    key.add(None, f"verdict on the mean: {means.verdict}{power}")
    row: Row = {"kind": "mean_difference", "x": MEAN_AT, "y": difference.estimate, "lower": difference.low}
    row |= {"upper": difference.high, "level": difference.level}
    return pd.DataFrame([row | {"margin": study.margin, "verdict": means.verdict}])


def _reach(interval: Interval) -> np.ndarray:
    """How far an interval reaches below and above its estimate, (2, 1)."""
    return np.abs([[interval.estimate - interval.low], [interval.high - interval.estimate]])


def _numbers(interval: Interval) -> str:
    """A difference with its interval, if it has one."""
    return f"{interval.estimate:+.1f}" if np.isnan(interval.low) else interval_text(interval, 1, sign="+")


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
