"""Panels of error against a parameter, with the range of its best value by empirical bootstrap."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from netspaces.figures.drawing import joined, shared
from netspaces.figures.key import Key, band, line
from netspaces.figures.panels.axes import NO_RUNS, Limits, error_axis, log2_axis, say
from netspaces.figures.style import BAND_ALPHA, BLACK, BLUE, RED, Look, pretty
from netspaces.statistics.best import BestValue, empirical_bootstrap
from netspaces.studies.study import Curve, Row, Study
from netspaces.studies.wording import number

KINDS = {
    "point": "a network: x its parameter, y its error in %",
    "diverged": "a network whose training diverged, drawn as a cross",
    "best": "best value by empirical bootstrap: x the median, `lower` and `upper` the drawn band in x",
}
BEST = {
    "draws": "networks per resample",
    "effective_winners": "1 / Σ p² over the networks' shares p of the best values",
    "inside": "share of the networks whose value lies from `low` to `high`; from 0.9 on no preference is visible",
}
NO_PREFERENCE = 0.9  # share of the networks in the range of the best value from which on it prefers nothing
COLUMNS = {"value": "the parameter of a network, where points are spread sideways"}
COLUMNS |= shared("low", "high", "level", "n", "resamples") | BEST
GOLDEN = (5**0.5 - 1) / 2  # its multiples, modulo 1, fill an interval evenly however many there are


def scatter_panel(
    ax: Axes,
    study: Study,
    panel: str,
    curve: Curve,
    x: np.ndarray,
    name: str,
    limits: Limits,
    columns: bool = False,
) -> pd.DataFrame:
    """Error against a parameter, with the range and median of its best value by empirical bootstrap.

    Parameters: `x` (n,) the parameter of each network, NaN where a network has none; `name` of the horizontal axis;
    `limits` of the errors; `columns` to spread the points of a parameter that has few values.
    """
    x = np.asarray(x, float)
    known = np.isfinite(x)
    diverged = (curve.table["status"] == "diverged").to_numpy()[known]
    x, errors = x[known], curve.errors[known]
    error_axis(ax.yaxis, limits)
    ax.set_xlabel(name)
    if not known.any():
        say(ax, NO_RUNS if curve.table.empty else f"no network has a {name}")
        return joined([pd.DataFrame([{"series": curve.label, "kind": "point"}])], panel)
    best = empirical_bootstrap(x, errors, study.resampling)
    places, low, high, inside = x, best.low, best.high, share_inside(x, best)
    ax.margins(x=0.03)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=not (x % 1).any()))
    if columns:
        spread = Columns.of(x)
        spread.set_axis(ax)
        places, low, high = spread.places(x), spread.beside(low, -0.42), spread.beside(high, 0.42)
    ax.axvspan(low, high, facecolor=(BLUE, BAND_ALPHA), edgecolor=(BLUE, 0.5), linewidth=0.8, zorder=1)
    ax.axvline(best.median, color=BLACK, linewidth=1.4, zorder=3)
    key = Key()
    _draw_points(ax, key, pretty(curve.label), places, errors, diverged)
    _add_best(key, best, inside)
    key.draw(ax)
    points = {"kind": np.where(diverged, "diverged", "point"), "x": places, "y": errors, "value": x}
    row: Row = {"kind": "best", "x": best.median, "lower": low, "upper": high, "low": best.low, "high": best.high}
    row |= {"level": best.level, "n": best.n, "draws": best.draws, "resamples": best.resamples}
    row |= {"effective_winners": best.effective_winners, "inside": inside}
    return joined([pd.DataFrame(points), pd.DataFrame([row])], panel).assign(series=curve.label)


def _draw_points(ax: Axes, key: Key, space: str, x: np.ndarray, y: np.ndarray, diverged: np.ndarray) -> None:
    """Networks as dots, diverged ones as crosses."""
    dots: Look = {"color": "#3A3A3A", "marker": "o", "markersize": 4.5 if len(x) <= 100 else 3.0}
    dots |= {"markeredgewidth": 0, "alpha": 0.55}
    crosses: Look = {"color": RED, "marker": "x", "markersize": 5, "markeredgewidth": 1.2}
    ax.plot(x[~diverged], y[~diverged], linestyle="none", zorder=2, **dots)
    key.add(line(linestyle="none", **dots), f"network of {space}")
    if diverged.any():
        ax.plot(x[diverged], y[diverged], linestyle="none", zorder=2, **crosses)
        key.add(line(linestyle="none", **crosses), "diverged network")


def share_inside(x: np.ndarray, best: BestValue) -> float:
    """The share of the networks of some values (n,) that lie in the range of the best value.

    Where errors have nothing to do with the value, it is about the level of the range.
    """
    return float(((x >= best.low) & (x <= best.high)).mean())


def _add_best(key: Key, best: BestValue, inside: float) -> None:
    """The range and the median of the best value, and whether it prefers anything."""
    low, high, median, winners = (number(v, 2) for v in (best.low, best.high, best.median, best.effective_winners))
    key.add(band(BLUE, edgecolor=(BLUE, 0.5)), f"best value: {100 * best.level:g} % in [{low}, {high}]")
    key.add(line(color=BLACK), f"best value: median {median}, {winners} effective winners")
    if inside >= NO_PREFERENCE:
        key.add(None, f"no preference visible: {100 * inside:.0f} % of networks in it")


@dataclass(frozen=True)
class Columns:
    """Columns of points for a parameter of few values, on a log2 axis where they double, on a linear one elsewhere."""

    values: np.ndarray
    doubling: bool
    step: float

    @classmethod
    def of(cls, x: np.ndarray) -> "Columns":
        """The columns of some values (n,): a column per distinct one, as far apart as the two nearest."""
        values = np.unique(x)
        doubling = bool((values > 0).all() and np.allclose(np.log2(values) % 1, 0))
        gaps = np.diff(np.log2(values) if doubling else values)
        return cls(values, doubling, gaps.min() if len(gaps) else 1.0)

    def beside(self, value: float, columns: Any) -> Any:
        """What lies some columns, a number or an array of them, to the right of a value; to the left if negative."""
        return value * 2 ** (columns * self.step) if self.doubling else value + columns * self.step

    def places(self, x: np.ndarray) -> np.ndarray:
        """Where the points of some values (n,) go, spread evenly over their columns."""
        places = np.empty(len(x))
        for value in self.values:
            rows = np.flatnonzero(x == value)
            places[rows] = self.beside(value, ((np.arange(len(rows)) + 1) * GOLDEN % 1 - 0.5) * 0.6)
        return places

    def set_axis(self, ax: Axes) -> None:
        """Give the horizontal axis a tick per column."""
        limits = self.beside(self.values[0], -0.6), self.beside(self.values[-1], 0.6)
        if self.doubling:
            log2_axis(ax.xaxis, *limits, self.values)
        else:
            ax.set_xlim(limits)
            ax.xaxis.set_major_locator(FixedLocator(self.values.tolist()))


def bootstrap_note(study: Study) -> str:
    """What the bands of `scatter_panel` are."""
    return (
        f"blue band and black line: central {100 * study.level:g} % and median of the best values of "
        f"{study.resamples:,} empirical-bootstrap resamples (a quarter of the networks each, seed {study.seed}); "
        "effective winners: 1 / Σ p² over the networks' shares p of the best values"
    )
