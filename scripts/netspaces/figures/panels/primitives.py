"""Panels that several figures share. Each draws into an axes and returns the table of exactly what it drew.

Tables are tidy: `panel` and `series` say where a row belongs, `kind` what it is (a vertex of a step line, a point, an
interval ...), `x`, `y`, `lower`, `upper` where it lies. The axes of errors adapt to the errors that are there: they
show every run, and are logarithmic where a few large errors would hide the differences among the small ones.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from netspaces.figures.style import (
    BAND_ALPHA,
    BLACK,
    BLUE,
    EDF_ALPHA,
    GREY,
    RED,
    key,
    looks,
    number,
    pretty,
)
from netspaces.statistics.best import BestValue, empirical_bootstrap
from netspaces.statistics.edf import edf, legend_label
from netspaces.statistics.search import random_search, random_search_exact
from netspaces.studies.study import Curve, Study

NO_RUNS = "no runs yet"
SPREAD = 8  # a largest error so many times the smallest makes the error axis logarithmic
GOLDEN = (5**0.5 - 1) / 2  # its multiples, modulo 1, fill an interval evenly however many there are


def panel_curves(study: Study, panel: str) -> list[Curve]:
    """The curves of a panel; raises ValueError naming study and panel if the study does not have it."""
    if not study.panels.get(panel):
        raise ValueError(f"studies.yaml: {study.name}: panels: {panel} is missing, the figure needs it")
    return study.panels[panel]


def published(study: Study, panel: str, space: str) -> tuple[float, float] | None:
    """The paper's (minimum, mean) error of a space in a panel, percent; None where it prints none."""
    rows = study.published
    rows = rows[(rows["panel"] == panel) & (rows["space"] == space)]
    if "study" in rows:
        rows = rows[rows["study"] == study.name]
    return None if rows.empty else tuple(map(float, rows.iloc[0][["min", "mean"]]))


# ---- Axes ------------------------------------------------------------------------------------------------------------


def error_limits(curves: Iterable[Curve]) -> tuple[float, float, bool]:
    """(low, high, logarithmic) of an axis that shows every error of the curves, percent."""
    errors = np.concatenate([curve.errors for curve in curves] or [np.empty(0)])
    if not errors.size:
        return 0.0, 100.0, False
    low, high = errors.min(), errors.max()
    if low > 0 and high > SPREAD * low:
        margin = (high / low) ** 0.04
        return low / margin, min(high * margin, max(high, 100.0)), True
    margin = 0.04 * (high - low) or max(0.1 * high, 0.5)
    return max(low - margin, min(0.0, low)), high + margin, False


def error_axis(axis: Axis, limits: tuple[float, float, bool], label: str = "error") -> None:
    """Give an axis the limits, scale, ticks and name of errors."""
    low, high, logarithmic = limits
    name = axis.axis_name
    axis.axes.set(**{f"{name}scale": "log" if logarithmic else "linear", f"{name}lim": (low, high)})
    if logarithmic:
        subs = (1, 2, 5) if high / low > 40 else (1, 2, 3, 5)
        axis.set_major_locator(LogLocator(subs=subs))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axis.set_major_locator(MaxNLocator(6))
    axis.set_label_text(f"{label} (%, log scale)" if logarithmic else f"{label} (%)")


def log2_axis(axis: Axis, low: float, high: float, ticks: Sequence[float] | None = None) -> None:
    """Give an axis a log2 scale with plain numbers at the powers of two, thinned to at most ten."""
    name = axis.axis_name
    axis.axes.set(**{f"{name}scale": "log", f"{name}lim": (low, high)})
    if ticks is None:
        powers = np.arange(np.ceil(np.log2(low)), np.floor(np.log2(high)) + 1)
        ticks = 2.0 ** powers[:: -(-len(powers) // 10) or 1]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def say(ax: Axes, text: str) -> None:
    """A remark in the middle of a panel that has nothing to show."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=GREY)


# ---- Error distributions ---------------------------------------------------------------------------------------------


def edf_panel(ax: Axes, study: Study, panel: str, limits: tuple[float, float, bool] | None = None) -> pd.DataFrame:
    """Error distributions of a panel's curves with their simultaneous bands, and the paper's numbers beside ours."""
    curves, styles = panel_curves(study, panel), looks(study)
    limits = limits or error_limits(curves)
    frames, handles, labels, beside = [], [], [], []
    for curve in curves:
        look = styles[curve.label]
        theirs = published(study, panel, curve.space)
        beside.append("" if theirs is None else f"[{theirs[0]:.1f}|{theirs[1]:.1f}]")
        handles.append(Line2D([], [], **look))
        if len(curve.table):
            labels.append(legend_label(curve.errors, pretty(curve.label)))
            frames.append(_edf_curve(ax, curve, look, study.level, EDF_ALPHA if len(curves) < 4 else EDF_ALPHA / 2))
        else:
            labels.append(f"[–|–] {pretty(curve.label)}, {NO_RUNS}")
            frames.append(pd.DataFrame([{"kind": "summary", "n": 0, "planned": curve.planned}]))
        frames[-1].insert(0, "series", curve.label)
        minimum, mean = theirs or (np.nan, np.nan)
        frames.append(pd.DataFrame([{"series": curve.label, "kind": "published", "minimum": minimum, "mean": mean}]))
    error_axis(ax.xaxis, limits)
    ax.set(ylim=(0, 1.005), ylabel="cumulative prob.")
    key(ax, handles, labels, beside, heads=("[min|mean] error, %", "paper"))
    return _joined(frames, panel)


def _edf_curve(ax: Axes, curve: Curve, look: dict, level: float, alpha: float) -> pd.DataFrame:
    distribution = edf(curve.errors, level)
    x, y, lower, upper = distribution.steps()
    ax.fill_between(x, lower, upper, color=look["color"], alpha=alpha, linewidth=0)
    ax.plot(x, y, label=curve.label, **look)
    steps = pd.DataFrame({"kind": "edf", "x": x, "y": y, "lower": lower, "upper": upper})
    summary = {"minimum": distribution.minimum, "mean": distribution.mean, "n": distribution.n}
    summary |= {"planned": curve.planned, "diverged": int((curve.table["status"] == "diverged").sum()), "level": level}
    return pd.concat([steps, pd.DataFrame([{"kind": "summary", **summary}])], ignore_index=True)


def edf_note(study: Study) -> str:
    """What the bands of `edf_panel` are."""
    return f"bands: simultaneous {100 * study.level:g} % (DKW)"


# ---- Best values of a parameter --------------------------------------------------------------------------------------


def scatter_panel(
    ax: Axes,
    study: Study,
    panel: str,
    curve: Curve,
    x: np.ndarray,
    name: str,
    limits: tuple[float, float, bool],
    columns: bool = False,
) -> pd.DataFrame:
    """Error against a parameter, with the range and median of its best value by empirical bootstrap.

    Parameters: `x` (n,) the parameter of each network, NaN where a network has none; `name` of the horizontal axis;
    `limits` of the errors; `columns` to spread the points of a parameter that has few values.
    """
    x = np.asarray(x, float)
    known = np.isfinite(x)
    x, errors, diverged = x[known], curve.errors[known], (curve.table["status"] == "diverged").to_numpy()[known]
    error_axis(ax.yaxis, limits)
    ax.set_xlabel(name)
    if not known.any():
        say(ax, NO_RUNS if curve.table.empty else f"no network has a {name}")
        return _joined([pd.DataFrame([{"series": curve.label, "kind": "point"}])], panel)
    best = empirical_bootstrap(x, errors, study.resampling)
    places, low, high = x, best.low, best.high
    ax.margins(x=0.03)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=not (x % 1).any()))
    if columns:
        places, beside = _columns(ax, x)
        low, high = beside(low, -0.42), beside(high, 0.42)
    ax.axvspan(low, high, facecolor=(BLUE, BAND_ALPHA), edgecolor=(BLUE, 0.5), linewidth=0.8, zorder=1)
    ax.axvline(best.median, color=BLACK, linewidth=1.4, zorder=3)
    handles = _points(ax, places, errors, diverged)
    _best_key(ax, handles, curve, best)
    points = {"kind": np.where(diverged, "diverged", "point"), "x": places, "y": errors, "value": x}
    band = {"kind": "best", "x": best.median, "lower": low, "upper": high, "low": best.low, "high": best.high}
    band |= {"level": best.level, "n": best.n, "draws": best.draws, "resamples": best.resamples}
    band |= {"effective_winners": best.effective_winners}
    frame = _joined([pd.DataFrame(points), pd.DataFrame([band])], panel)
    return frame.assign(series=curve.label)


def _best_key(ax: Axes, handles: list[Line2D], curve: Curve, best: BestValue) -> None:
    low, high, median = (number(value, 2) for value in (best.low, best.high, best.median))
    winners = number(best.effective_winners, 2)
    labels = [f"network of {pretty(curve.label)}", "diverged network"][: len(handles)]
    labels += [
        f"best value: {100 * best.level:g} % in [{low}, {high}]",
        f"best value: median {median}, {winners} effective winners",
    ]
    band = Patch(facecolor=(BLUE, BAND_ALPHA), edgecolor=(BLUE, 0.5))
    key(ax, [*handles, band, Line2D([], [], color=BLACK)], labels)


def _points(ax: Axes, x: np.ndarray, y: np.ndarray, diverged: np.ndarray) -> list[Line2D]:
    """Networks as dots, diverged ones as crosses; returns handles for the key."""
    dots = {
        "color": "#3A3A3A",
        "marker": "o",
        "markersize": 4.5 if len(x) <= 100 else 3.0,
        "markeredgewidth": 0,
        "alpha": 0.55,
    }
    crosses = {"color": RED, "marker": "x", "markersize": 5, "markeredgewidth": 1.2}
    handles = []
    for chosen, look in ((~diverged, dots), (diverged, crosses)):
        if chosen.any() or look is dots:
            ax.plot(x[chosen], y[chosen], linestyle="none", zorder=2, **look)
            handles.append(Line2D([], [], linestyle="none", **look))
    return handles


def _columns(ax: Axes, x: np.ndarray) -> tuple[np.ndarray, Callable[[float, float], float]]:
    """Columns of points for a parameter of few values: where points go, and what is `side` columns beside a value.

    Values that double lie on a log2 axis, others on a linear one.
    """
    values = np.unique(x)
    doubling = (values > 0).all() and np.allclose(np.log2(values) % 1, 0)
    spaces = np.diff(np.log2(values) if doubling else values)
    step = spaces.min() if len(spaces) else 1.0
    beside = (lambda value, side: value * 2 ** (side * step)) if doubling else (lambda value, side: value + side * step)
    places = np.empty(len(x))
    for value in values:
        rows = np.flatnonzero(x == value)
        places[rows] = beside(value, ((np.arange(len(rows)) + 1) * GOLDEN % 1 - 0.5) * 0.6)
    limits = beside(values[0], -0.6), beside(values[-1], 0.6)
    if doubling:
        log2_axis(ax.xaxis, *limits, values)
    else:
        ax.set_xlim(limits)
        ax.xaxis.set_major_locator(FixedLocator(values))
    return places, beside


def bootstrap_note(study: Study) -> str:
    """What the bands of `scatter_panel` are."""
    return (
        f"blue band and black line: central {100 * study.level:g} % and median of the best values of "
        f"{study.resamples:,} empirical-bootstrap resamples (a quarter of the networks each, seed {study.seed}); "
        "effective winners: 1 / Σ p² over the networks' shares p of the best values"
    )


# ---- Random search ---------------------------------------------------------------------------------------------------


def search_panel(ax: Axes, study: Study, panel: str) -> pd.DataFrame:
    """Expected best error of a random search against its size: exact, and as simulated by the authors of NDS."""
    curves, styles = panel_curves(study, panel), looks(study)
    frames, handles, labels, sizes = [], [], [], [1]
    for curve in (curve for curve in curves if len(curve.table)):
        look = styles[curve.label]
        exact = random_search_exact(curve.errors, level=study.level)
        simulated = random_search(curve.errors, level=study.level, seed=study.seed)
        ax.fill_between(exact.sizes, exact.low, exact.high, color=look["color"], alpha=EDF_ALPHA, linewidth=0)
        ax.plot(exact.sizes, exact.mean, **look)
        ax.plot(simulated.sizes, simulated.mean, "o", color=look["color"], markersize=4, markerfacecolor="white")
        handles.append(Line2D([], [], marker="o", markersize=4, markerfacecolor="white", **look))
        labels.append(_search_label(exact, curve.label))
        frames += [
            _search_frame(curve.label, "exact", exact),
            _search_frame(curve.label, "simulated", simulated).assign(experiments=simulated.experiments),
        ]
        sizes.extend(exact.sizes)
    log2_axis(ax.xaxis, 2**-0.3, max(sizes) * 2**0.3)
    error_axis(ax.yaxis, error_limits(curves), "expected best error")
    ax.set_xlabel("sample size m")
    if not frames:
        say(ax, NO_RUNS)
        frames = [pd.DataFrame([{"series": curve.label, "kind": "exact"} for curve in curves])]
    key(ax, handles, labels)
    return _joined(frames, panel)


def _search_label(curve, label: str) -> str:
    shown = [m for m in (1, 8, 32) if m in curve.sizes]
    values = " → ".join(f"{curve.mean[list(curve.sizes).index(m)]:.1f}" for m in shown)
    return f"{pretty(label)}: {values} at m = {', '.join(map(str, shown))}"


def _search_frame(label: str, kind: str, curve) -> pd.DataFrame:
    columns = {"x": curve.sizes, "y": curve.mean, "lower": curve.low, "upper": curve.high, "std": curve.std}
    return pd.DataFrame({"series": label, "kind": kind, **columns})


def search_note(study: Study) -> str:
    """What the lines, bands and points of `search_panel` are."""
    return (
        f"random search: lines and bands: exact mean and central {100 * study.level:g} % of the best of m networks "
        f"drawn with replacement; points: mean of n/m simulated searches (seed {study.seed})"
    )


# ---- Block widths ----------------------------------------------------------------------------------------------------


def block_widths(row) -> np.ndarray:
    """Widths of the blocks of one network, first to last, from its row of a population table."""
    depths, widths = stage_values(row, "depth"), stage_values(row, "width")
    return np.repeat(widths, depths.astype(int))


def stage_values(row, name: str) -> np.ndarray:
    """Values per stage of one network, without the stages that it does not have."""
    stages = int(row["stages"])
    return np.array([row[f"{name}_{stage}"] for stage in range(1, stages + 1)], float)


def width_steps(ax: Axes, widths: np.ndarray, **look) -> pd.DataFrame:
    """The width of every block as steps against the block's index; returns its (x, y)."""
    ax.plot(np.arange(len(widths)), widths, drawstyle="steps-mid", **look)
    return pd.DataFrame({"kind": "block", "x": np.arange(len(widths)), "y": widths})


def width_axis(ax: Axes, widths: Iterable[float], depth: int) -> None:
    """Axes for block widths: log2 widths against block indices 0..depth-1."""
    widths = np.asarray(list(widths), float)
    log2_axis(ax.yaxis, widths.min() / 2**0.4, widths.max() * 2**0.4)
    ax.set(xlim=(-0.7, depth - 0.3), xlabel="block index j", ylabel="width $w_j$")
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))


def best_networks(curve: Curve) -> pd.DataFrame:
    """The table from best to worst, each architecture once."""
    return curve.table.sort_values([curve.error, "index"], kind="stable").drop_duplicates("key")


def describe(row: pd.Series) -> str:
    """d, w, g and b of a network on one line; values that all stages share once."""
    parts = []
    for letter, name in (("d", "depth"), ("w", "width"), ("g", "group_width"), ("b", "bottleneck")):
        values = [number(value) for value in stage_values(row, name)]
        shared = name in ("group_width", "bottleneck") and len(set(values)) == 1
        parts.append(f"{letter} = " + (values[0] if shared else ", ".join(values)))
    return "\n".join(["   ".join(parts[:1] + parts[2:]), parts[1]])


def _joined(frames: Sequence[pd.DataFrame], panel: str) -> pd.DataFrame:
    frame = pd.concat([part.dropna(axis="columns", how="all") for part in frames], ignore_index=True)
    frame.insert(0, "panel", panel)
    return frame
