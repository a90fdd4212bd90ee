"""Panels of the best values of a parameter over regimes or training budgets, and of their trend."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from netspaces.figures.drawing import joined, shared
from netspaces.figures.key import Key, band, line
from netspaces.figures.panels.axes import NO_RUNS, log2_axis, say
from netspaces.figures.panels.places import flops, places_axis
from netspaces.figures.panels.scatter import BEST, NO_PREFERENCE, share_inside
from netspaces.figures.style import BAND_ALPHA, BLACK, BLUE, GREY, PALE, RED, Look
from netspaces.statistics.best import BEST_OF, empirical_bootstrap
from netspaces.statistics.intervals import Interval
from netspaces.statistics.trends import trend
from netspaces.studies.study import Curve, Row, Study
from netspaces.studies.wording import change_text

RANGES = {
    "all": "range of a parameter over the networks of a regime or recipe: x its flops (MF) or epochs",
    "best": "best value by the paper's empirical bootstrap: y the median, `lower` and `upper` its range; hollow where "
    "no preference is visible",
    "mean_best": "mean of the best of eight networks (of a quarter of them, if that is less)",
}
TREND = {"trend": "point of the line through the mean best values; the band of it is not drawn"}
PAPER = {"published": "the paper's best value, read off its figure to about 2 %; the range of good ones is not drawn"}
KINDS = {kind: RANGES[kind] for kind in ("all", "best")} | TREND
CHANGE = {"scale": "`difference` for a change that is added, `factor` for one that multiplies"} | shared("low", "high")
RANGE_COLUMNS = shared("regime", "recipe", "planned", "diverged", "level", "n", "resamples") | BEST
COLUMNS = RANGE_COLUMNS | CHANGE | {"per_doubling": "change of the best value per doubling of x"}
TREND_FROM = 8  # networks: in fewer a quarter is a single one, and a resample says little about the spread


@dataclass(frozen=True)
class Parameter:
    """A parameter of networks: its column of population tables, what an axis calls it, and whether it multiplies."""

    column: str
    name: str
    log2: bool = False

    def values(self, curve: Curve) -> np.ndarray:
        """Its value in each network of a curve, (n,)."""
        return curve.table[self.column].to_numpy(float)


Place = Callable[[Curve], float]
Draw = Callable[[Axes, Key, Study, Sequence[Curve], Parameter, Place], pd.DataFrame | None]


def draw_trend(
    ax: Axes, key: Key, study: Study, curves: Sequence[Curve], parameter: Parameter, at: Place
) -> pd.DataFrame | None:
    """The line through mean best values; None with fewer than two places of enough networks."""
    curves = [curve for curve in curves if len(curve.table) >= TREND_FROM]
    if len({at(curve) for curve in curves}) < 2:
        return None
    to_scale, back = (np.log2, np.exp2) if parameter.log2 else (np.asarray, np.asarray)
    fit = trend(
        np.log2([at(curve) for curve in curves]),
        [to_scale(np.asarray(parameter.values(curve), float)) for curve in curves],
        [curve.errors for curve in curves],
        study.resampling,
    )
    x, middle, low, high = np.exp2(fit.at), *map(back, (fit.line, fit.low, fit.high))
    look: Look = {"color": RED, "linestyle": (0, (5, 1.3))}
    ax.plot(x, middle, **look, zorder=4)
    estimate, least, most = (float(back(v)) for v in (fit.slope.estimate, fit.slope.low, fit.slope.high))
    slope = Interval(estimate, least, most, study.level)
    key.add(line(**look), f"trend: {change_text(slope, parameter.log2)} per doubling")
    columns: Row = {"per_doubling": slope.estimate, "low": slope.low, "high": slope.high}
    columns |= {"scale": "factor" if parameter.log2 else "difference"}
    columns |= {"level": study.level, "resamples": study.resamples}
    return pd.DataFrame({"kind": "trend", "x": x, "y": middle, "lower": low, "upper": high, **columns})


def best_values_panel(
    ax: Axes,
    study: Study,
    panel: str,
    curves: Sequence[Curve],
    parameter: Parameter,
    at: Place = flops,
    paper: pd.DataFrame | None = None,
    draw_fit: Draw = draw_trend,
) -> pd.DataFrame:
    """Range of a parameter, range and median of its best value, and the trend of its mean best value.

    Parameters: `at` where a curve lies; `paper` the best values in print (columns regime, best, low, high); `draw_fit`
    draws something else than the trend, for populations that are not independent of each other.
    """
    places_axis(ax, curves, at)
    ax.set_ylabel(parameter.name)
    with_runs = [curve for curve in sorted(curves, key=at) if len(curve.table)]
    if not with_runs:
        say(ax, NO_RUNS)
        return pd.DataFrame([{"panel": panel, "series": curves[0].label, "kind": "best"}])
    key = Key()
    frames = _draw_ranges(ax, key, study, with_runs, parameter, at)
    fit, printed = draw_fit(ax, key, study, with_runs, parameter, at), _draw_paper(ax, key, curves, at, paper)
    frames += [frame for frame in (fit, printed) if frame is not None]
    _value_axis(ax, pd.concat(frames), parameter.log2)
    key.draw(ax)
    return joined(frames, panel).assign(series=curves[0].label)


def _draw_ranges(
    ax: Axes, key: Key, study: Study, curves: Sequence[Curve], parameter: Parameter, at: Place
) -> list[pd.DataFrame]:
    """The ranges of the networks and of the best values, and the medians of the latter."""
    ranges = pd.DataFrame([_range(parameter.values(curve), at(curve)) for curve in curves])
    best = pd.DataFrame([_best(study, curve, parameter.values(curve), at(curve)) for curve in curves])
    for frame, colour, alpha in ((ranges, PALE, 0.6), (best, BLUE, BAND_ALPHA)):
        ax.fill_between(frame["x"], frame["lower"], frame["upper"], color=colour, alpha=alpha, linewidth=0)
    if len(curves) == 1:  # a band has no width
        ax.vlines(best["x"], best["lower"], best["upper"], color=BLUE, alpha=0.5, linewidth=4)
    sure = best["inside"] < NO_PREFERENCE
    dots: Look = {"color": BLACK, "marker": "o", "markersize": 4, "linestyle": "none"}
    ax.plot(best["x"][sure], best["y"][sure], **dots, zorder=5)
    ax.plot(best["x"][~sure], best["y"][~sure], **dots | {"markerfacecolor": "white"}, zorder=5)
    key.add(Patch(facecolor=PALE, alpha=0.6), "all: range of the networks")
    key.add(band(BLUE, edgecolor=(BLUE, 0.5)), f"good: {100 * study.level:g} % of best values")
    words = "of best values" if sure.all() else "(hollow: no preference visible)"
    key.add(line(**dots), f"best: median {words}")
    return [ranges, best]


def _range(values: np.ndarray, x: float) -> dict:
    return {"kind": "all", "x": x, "lower": np.min(values), "upper": np.max(values)}


def _best(study: Study, curve: Curve, values: np.ndarray, x: float) -> dict:
    best = empirical_bootstrap(values, curve.errors, study.resampling)
    row: Row = {"kind": "best", "x": x, "y": best.median, "lower": best.low, "upper": best.high}
    row |= {"regime": curve.regime, "recipe": curve.recipe, "planned": curve.planned}
    row |= {"diverged": curve.diverged, "level": best.level, "n": best.n}
    row |= {"draws": best.draws, "resamples": best.resamples}
    return row | {"effective_winners": best.effective_winners, "inside": share_inside(np.asarray(values, float), best)}


def _draw_paper(
    ax: Axes, key: Key, curves: Sequence[Curve], at: Place, printed: pd.DataFrame | None
) -> pd.DataFrame | None:
    """The paper's best values, where it prints some for regimes of these names."""
    if printed is None or printed.empty:
        return None
    by_regime = {curve.regime: at(curve) for curve in curves}
    printed = printed[printed["regime"].isin(by_regime)]
    x = printed["regime"].map(by_regime)
    look: Look = {"color": GREY, "marker": "D", "markersize": 3.5, "linestyle": "none"}
    ax.plot(x, printed["best"], **look, zorder=3)
    key.add(line(**look), "paper: best")
    columns: Row = {"x": x, "y": printed["best"], "lower": printed["low"], "upper": printed["high"]}
    return pd.DataFrame({"kind": "published", **columns, "regime": printed["regime"]})


def _value_axis(ax: Axes, drawn: pd.DataFrame, log2: bool) -> None:
    """A vertical axis that shows all values that are drawn: of ranges their ends, of all else the points."""
    ranges = drawn["kind"].isin(RANGES)
    shown = pd.concat([drawn["y"], drawn.loc[ranges, "lower"], drawn.loc[ranges, "upper"]])
    low, high = shown.min(), shown.max()
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
        f"empirical-bootstrap resamples (the paper's, a quarter of the networks each, seed {study.seed}); hollow: "
        f"{100 * NO_PREFERENCE:g} % or more of all networks lie in that range"
    )


def trend_note(study: Study) -> str:
    """What the trend of `best_values_panel` is."""
    return (
        f"trend (ours): least squares through the means of the best of {BEST_OF} networks (of a quarter, if that is "
        "less) on a log2 axis of flops or epochs, with "
        f"{100 * study.level:g} % percentile intervals of {study.resamples:,} resamples of the networks within "
        f"regimes; none from regimes of fewer than {TREND_FROM} networks"
    )
