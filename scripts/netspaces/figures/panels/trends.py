"""Panels over regimes or epochs: best values and their trend, mean errors, and differences of mean errors.

Each draws into an axes and returns the table of exactly what it drew, as those of `primitives` do. A regime lies at its
upper limit of flops, after which the paper names it.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from netspaces.figures.panels.primitives import NO_RUNS, error_axis, error_limits, log2_axis, say
from netspaces.figures.style import BAND_ALPHA, BLACK, BLUE, GREY, PALE, RED, key, looks, pretty
from netspaces.statistics.best import empirical_bootstrap
from netspaces.statistics.comparisons import compare
from netspaces.statistics.search import bootstrap_interval
from netspaces.statistics.trends import Trend, trend
from netspaces.studies.study import Curve, Study

TREND_FROM = 8  # networks: in fewer a quarter is a single one, and a resample says little about the spread
INTERVAL_SHARE = 8  # the largest share of n networks whose expected best has an interval is an eighth
DODGE = 0.12  # in doublings: between series that lie at one place


def flops(curve: Curve) -> float:
    """Where a regime lies: its upper limit of flops, in MF."""
    return curve.limits["flops"][1] / 1e6


def epochs(curve: Curve) -> float:
    """Where a recipe lies: its epochs."""
    return float(curve.epochs)


NAMES = {flops: "flops (MF)", epochs: "epochs"}


def places_axis(ax: Axes, curves: Iterable[Curve], at: Callable[[Curve], float]) -> None:
    """A log2 axis with a tick at each regime (`at=flops`) or recipe (`at=epochs`) of the curves."""
    ticks = sorted({at(curve) for curve in curves})
    log2_axis(ax.xaxis, ticks[0] / 2**0.4, ticks[-1] * 2**0.4, ticks)
    ax.set_xlabel(NAMES[at])


# ---- Best values -----------------------------------------------------------------------------------------------------


def best_values_panel(
    ax: Axes,
    study: Study,
    panel: str,
    curves: Sequence[Curve],
    values: Callable[[Curve], np.ndarray],
    name: str,
    at: Callable[[Curve], float] = flops,
    log2: bool = False,
    paper: pd.DataFrame | None = None,
    fitted: Callable[..., tuple | None] | None = None,
) -> pd.DataFrame:
    """Range of a parameter, range and median of its best value, and the trend of its mean best value.

    Parameters: `values` of a curve, (n,); `name` of the vertical axis; `at` where a curve lies; `log2` for a parameter
    that multiplies; `paper` its best values in print (columns regime, best, low, high); `fitted` what draws something
    else than the trend, for populations that are not independent of each other.
    """
    places_axis(ax, curves, at)
    ax.set_ylabel(name)
    there = [curve for curve in sorted(curves, key=at) if len(curve.table)]
    if not there:
        say(ax, NO_RUNS)
        return pd.DataFrame([{"panel": panel, "series": curves[0].label, "kind": "best"}])
    ranges = pd.DataFrame([_all(curve, values(curve), at) for curve in there])
    best = pd.DataFrame([_best(study, curve, values(curve), at) for curve in there])
    for frame, colour, alpha in ((ranges, PALE, 0.6), (best, BLUE, BAND_ALPHA)):
        ax.fill_between(frame["x"], frame["lower"], frame["upper"], color=colour, alpha=alpha, linewidth=0)
    if len(there) == 1:  # a band has no width
        ax.vlines(best["x"], best["lower"], best["upper"], color=BLUE, alpha=0.5, linewidth=4)
    ax.plot(best["x"], best["y"], color=BLACK, marker="o", markersize=3.5, zorder=3)
    level = f"{100 * study.level:g} %"
    handles = [Patch(facecolor=PALE, alpha=0.6), Patch(facecolor=(BLUE, BAND_ALPHA), edgecolor=(BLUE, 0.5))]
    handles.append(Line2D([], [], color=BLACK, marker="o", markersize=3.5))
    labels = ["all: range of the networks", f"good: {level} of best values", "best: median of best values"]
    frames = [ranges, best]
    for part in ((fitted or _trend)(ax, study, there, values, at, log2), _paper(ax, curves, at, paper)):
        if part:
            frame, handle, label = part
            frames.append(frame), handles.append(handle), labels.append(label)
    _value_axis(ax, pd.concat(frames), log2)
    key(ax, handles, labels)
    return _tidy(frames, panel, curves[0].label)


def _all(curve: Curve, values: np.ndarray, at: Callable) -> dict:
    return {"kind": "all", "x": at(curve), "lower": np.min(values), "upper": np.max(values)}


def _best(study: Study, curve: Curve, values: np.ndarray, at: Callable) -> dict:
    best = empirical_bootstrap(values, curve.errors, study.resampling)
    row = {"kind": "best", "x": at(curve), "y": best.median, "lower": best.low, "upper": best.high}
    row |= {"regime": curve.regime, "recipe": curve.recipe, "planned": curve.planned}
    row |= {"diverged": int((curve.table["status"] == "diverged").sum()), "level": best.level, "n": best.n}
    return row | {
        "draws": best.draws,
        "resamples": best.resamples,
        "effective_winners": best.effective_winners,
    }


def _trend(ax: Axes, study: Study, curves: Sequence[Curve], values: Callable, at: Callable, log2: bool) -> tuple | None:
    """The line through mean best values, with its band; None with fewer than two places of enough networks."""
    curves = [curve for curve in curves if len(curve.table) >= TREND_FROM]
    if len({at(curve) for curve in curves}) < 2:
        return None
    there, back = (np.log2, np.exp2) if log2 else (np.asarray, np.asarray)
    fit = trend(
        np.log2([at(curve) for curve in curves]),
        [there(np.asarray(values(curve), float)) for curve in curves],
        [curve.errors for curve in curves],
        study.resampling,
    )
    x, best, line, low, high = np.exp2(fit.at), *map(back, (fit.best, fit.line, fit.low, fit.high))
    look = {"color": RED, "linestyle": (0, (5, 1.3))}
    ax.plot(x, line, **look, zorder=4)
    for edge in (low, high):
        ax.plot(x, edge, color=RED, linestyle=":", linewidth=1.0, zorder=4)
    ax.plot(x, best, "o", color=RED, markersize=4, markerfacecolor="white", zorder=4)
    slope = {"per_doubling": fit.slope.estimate, "low": fit.slope.low, "high": fit.slope.high}
    slope = {column: float(back(value)) for column, value in slope.items()}
    slope |= {"scale": "factor" if log2 else "difference", "level": study.level, "resamples": study.resamples}
    frame = pd.concat(
        [
            pd.DataFrame({"kind": "mean_best", "x": x, "y": best}),
            pd.DataFrame({"kind": "trend", "x": x, "y": line, "lower": low, "upper": high, **slope}),
        ]
    )
    handle = Line2D([], [], marker="o", markersize=4, markerfacecolor="white", **look)
    return frame, handle, f"trend: {_slope_label(fit, back, log2)} per doubling"


def _slope_label(fit: Trend, back: Callable, log2: bool) -> str:
    estimate, low, high = (float(back(value)) for value in (fit.slope.estimate, fit.slope.low, fit.slope.high))
    sign = "" if log2 else "+"
    low, high = (f"{value:{sign}.2f}" for value in (low, high))
    return f"{'×' if log2 else ''}{estimate:{sign}.2f} [{low}, {high}]"


def _paper(ax: Axes, curves: Sequence[Curve], at: Callable, printed: pd.DataFrame | None) -> tuple | None:
    """The paper's best values, where it prints some for regimes of these names."""
    if printed is None or printed.empty:
        return None
    by_regime = {curve.regime: at(curve) for curve in curves}
    printed = printed[printed["regime"].isin(by_regime)]
    x = printed["regime"].map(by_regime)
    look = {"color": GREY, "marker": "D", "markersize": 3.5, "linestyle": (0, (1.4, 1.1)), "linewidth": 1.0}
    ax.plot(x, printed["best"], **look, zorder=3)
    ax.plot(x, printed["low"], "_", x, printed["high"], "_", color=GREY, markersize=6, zorder=3)
    columns = {"x": x, "y": printed["best"], "lower": printed["low"], "upper": printed["high"]}
    columns |= {"regime": printed["regime"]}
    return pd.DataFrame({"kind": "published", **columns}), Line2D([], [], **look), "paper: best, and ends of good"


def _value_axis(ax: Axes, drawn: pd.DataFrame, log2: bool) -> None:
    drawn = drawn[["y", "lower", "upper"]]
    low, high = drawn.min(axis=None), drawn.max(axis=None)
    if log2:
        margin = 2**0.25 if high >= 2 * low else 2**0.75  # wide enough for a tick
        log2_axis(ax.yaxis, low / margin, high * margin)
    else:
        margin = 0.05 * (high - low) or 0.5
        ax.set_ylim(low - margin, high + margin)
        ax.yaxis.set_major_locator(MaxNLocator(6))


def best_values_note(study: Study) -> str:
    """What the bands and lines of `best_values_panel` are, its trend aside."""
    return (
        f"good and best: central {100 * study.level:g} % and median of the best values of {study.resamples:,} "
        f"empirical-bootstrap resamples (a quarter of the networks each, seed {study.seed})"
    )


def trend_note(study: Study) -> str:
    """What the trend of `best_values_panel` is."""
    return (
        "trend (ours): least squares through mean best values (circles) on a log2 axis of flops or epochs, with "
        f"{100 * study.level:g} % percentile intervals of {study.resamples:,} resamples of the networks within "
        f"regimes; none from regimes of fewer than {TREND_FROM} networks"
    )


# ---- Errors over regimes ---------------------------------------------------------------------------------------------


def mean_errors_panel(ax: Axes, study: Study, panel: str, curves: Sequence[Curve], best_of: int = 1) -> pd.DataFrame:
    """Expected error of the best of `best_of` networks over flops, with BCa intervals: for 1 the mean error.

    Curves of one label are one series.
    """
    styles, labels = looks(study), list(dict.fromkeys(curve.label for curve in curves))
    places_axis(ax, curves, flops)
    rows = []
    for curve in sorted(curves, key=flops):
        if (n := len(curve.table)) < best_of:
            continue
        low = high = np.nan
        estimate = float(curve.errors.mean()) if n == 1 else None
        if estimate is None:
            interval = bootstrap_interval(curve.errors, best_of, study.resampling)
            estimate, low, high = interval.estimate, interval.low, interval.high
        x = flops(curve) * 2 ** (DODGE * (labels.index(curve.label) - (len(labels) - 1) / 2))
        row = {"series": curve.label, "kind": "mean" if best_of == 1 else "best_of", "x": x, "y": estimate}
        row |= {"lower": low, "upper": high, "regime": curve.regime, "recipe": curve.recipe, "n": n}
        rows.append(row | {"planned": curve.planned, "sample_size": best_of, "level": study.level})
    if not rows:
        say(ax, NO_RUNS)
        rows = [{"series": label, "kind": "mean"} for label in labels]
    frame = pd.DataFrame(rows)
    handles = [_series(ax, frame[frame["series"] == label], styles[label]) for label in labels]
    _error_axis(ax, frame, "mean error" if best_of == 1 else f"expected best of {best_of}")
    key(ax, handles, [pretty(label) for label in labels])
    frame.insert(0, "panel", panel)
    return frame


def _series(ax: Axes, rows: pd.DataFrame, look: dict) -> Line2D:
    """Points with intervals, joined by a line; returns the handle for the key."""
    if {"y", "lower"} <= set(rows) and len(rows):
        ax.plot(rows["x"], rows["y"], marker="o", markersize=4, **look)
        ax.vlines(rows["x"], rows["lower"], rows["upper"], color=look["color"], linewidth=1.6)
    return Line2D([], [], marker="o", markersize=4, **look)


def _error_axis(ax: Axes, frame: pd.DataFrame, name: str) -> None:
    if "y" not in frame:
        error_axis(ax.yaxis, error_limits([]), name)
        return
    drawn = frame[["y", "lower", "upper"]]
    low, high = drawn.min(axis=None), drawn.max(axis=None)
    margin = 0.06 * (high - low) or 0.5
    logarithmic = low > 0 and high > 4 * low
    limits = (low / 1.1, high * 1.1, True) if logarithmic else (low - margin, high + margin, False)
    error_axis(ax.yaxis, limits, name)


def differences_panel(
    ax: Axes, study: Study, panel: str, pairs: Sequence[tuple[str, Curve, Curve]], reference: str
) -> pd.DataFrame:
    """Mean error of a minus mean error of b over flops, with its two-sample BCa interval.

    Parameters: `pairs` of (label, a, b), those of one label being one series; `reference` names the b of all.
    """
    labels, styles = list(dict.fromkeys(label for label, _, _ in pairs)), looks(study)
    places_axis(ax, [a for _, a, _ in pairs], flops)
    there = [(label, a, b) for label, a, b in pairs if min(len(a.table), len(b.table)) >= 2]
    if there:
        errors = {curve.population: curve.errors for _, a, b in there for curve in (a, b)}
        compared = compare(errors, [(a.population, b.population) for _, a, b in there], study.resampling)
        shift = [DODGE * (labels.index(label) - (len(labels) - 1) / 2) for label, _, _ in there]
        frame = pd.DataFrame(
            {
                "series": [label for label, _, _ in there],
                "kind": "difference",
                "x": [flops(a) for _, a, _ in there] * np.exp2(shift),
                "y": compared["difference"],
                "lower": compared["low"],
                "upper": compared["high"],
                "regime": [a.regime for _, a, _ in there],
            }
            | {column: compared[column] for column in ("n_a", "n_b", "level", "resamples")}
        )
    else:
        say(ax, "fewer than two runs yet")
        ax.set(ylim=(-1, 1), yticks=[0])
        frame = pd.DataFrame({"series": labels, "kind": "difference"})
    ax.axhline(0, color=GREY, linewidth=1.0, zorder=1)
    handles = [_series(ax, frame[frame["series"] == label], styles[label]) for label in labels]
    ax.set_ylabel("mean error, difference (%)")
    key(ax, handles, [f"{pretty(label)} − {reference}" for label in labels])
    frame.insert(0, "panel", panel)
    return frame


def intervals_note(study: Study) -> str:
    """What the intervals of `mean_errors_panel` and `differences_panel` are."""
    return f"vertical lines: {100 * study.level:g} % BCa intervals ({study.resamples:,} resamples, seed {study.seed})"


def _tidy(frames: Sequence[pd.DataFrame], panel: str, series: str) -> pd.DataFrame:
    frame = pd.concat([part.dropna(axis="columns", how="all") for part in frames], ignore_index=True)
    frame.insert(0, "panel", panel)
    return frame.assign(series=series)
