"""Panels of measured inference times against complexity, with correlations."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from scipy.stats import linregress

from netspaces.figures.drawing import joined, shared
from netspaces.figures.key import Key, line
from netspaces.figures.panels.axes import NOT_MEASURED, say, unit
from netspaces.figures.style import BLACK, BLUE, Look
from netspaces.statistics.flops_fits import PEARSON, SPEARMAN, correlation_interval
from netspaces.statistics.intervals import Interval
from netspaces.studies.study import MEASURED, Curve, Row, Study
from netspaces.studies.wording import NONE, interval_text, number

KINDS = {
    "time": "a network's inference time in ms: y the median, `lower` and `upper` the quartiles; x its complexity",
    "line": "end of the straight line through the times",
    "correlation": "of time with a metric (`series`: Pearson's or Spearman's): y, with its interval",
}
COLUMNS = {
    "index": "number of the network in its population",
    "published": "the paper's number",
} | shared("regime", "n", "level")
METRICS = {"flops": "flops", "params": "parameters", "activations": "activations"}
NETWORK: Look = {"linestyle": "none", "marker": "o", "markeredgewidth": 0}


def times_of(study: Study, curves: Sequence[Curve]) -> pd.DataFrame:
    """The measured times of some populations, trained or not, a row per network; empty if nothing was measured."""
    tables = [study.inputs[c.population].assign(regime=c.regime) for c in curves if c.population in study.inputs]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def time_panel(ax: Axes, study: Study, measured: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Inference time against a metric: networks with quartiles, a straight line, correlations."""
    panel = f"time_{metric}"
    scale, name = unit(measured.get(metric, ()), metric)
    ax.set(xlabel=f"{METRICS[metric]} ({name})", ylabel="inference time (ms)")
    if measured.empty:
        say(ax, NOT_MEASURED)
        return pd.DataFrame([{"panel": panel, "series": MEASURED}])
    x, y = measured[metric].to_numpy() / scale, measured[MEASURED].to_numpy()
    key = Key()
    frames = [_draw_times(ax, key, measured, x, y)]
    if np.ptp(x):
        slope, start, *_ = linregress(x, y)
        ends = np.array([x.min(), x.max()])
        ax.plot(ends, start + slope * ends, color=BLACK)
        frames.append(pd.DataFrame({"series": MEASURED, "kind": "line", "x": ends, "y": start + slope * ends}))
        key.add(line(color=BLACK), f"line: {number(start)} + {number(slope)} per {name}")
    for kind in (PEARSON, SPEARMAN):
        correlation = correlation_interval(x, y, kind, study.resampling)
        theirs = printed(study, f"time against {metric}", kind)
        frames.append(pd.DataFrame([estimate_row(kind, "correlation", correlation, theirs) | {"n": len(x)}]))
        paper = "" if theirs is None else f"; paper {theirs:g}"
        key.add(None, f"{kind.capitalize()}: {bracketed(correlation)}{paper}")
    key.draw(ax)
    return joined(frames, panel)


def _draw_times(ax: Axes, key: Key, measured: pd.DataFrame, x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """The networks, with lines between their quartiles."""
    low, high = measured["inference_low_ms"].to_numpy(), measured["inference_high_ms"].to_numpy()
    ax.vlines(x, low, high, color=BLUE, alpha=0.35, linewidth=1.0)
    ax.plot(x, y, color=BLUE, alpha=0.6, markersize=3, **NETWORK)
    ax.set(xlim=(0, 1.05 * x.max()), ylim=(0, 1.05 * high.max()))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6))
    key.add(line(color=BLUE, alpha=0.6, markersize=3, **NETWORK), f"network, n = {len(x)}")
    columns: Row = {
        "x": x,
        "y": y,
        "lower": low,
        "upper": high,
        "regime": measured["regime"],
        "index": measured["index"],
    }
    return pd.DataFrame({"series": MEASURED, "kind": "time"} | columns)


def printed(study: Study, quantity: str, term: str) -> float | None:
    """A number that the paper prints, in its own units (GF, M, ms on a V100); None where it prints none."""
    rows = study.published
    if not {"quantity", "term", "value"} <= set(rows):
        return None
    values = rows[(rows["quantity"] == quantity) & (rows["term"] == term)]["value"]
    return None if values.empty else float(values.iloc[0])


def estimate_row(series: str, kind: str, interval: Interval, theirs: float | None) -> dict:
    """An estimate with its interval, and the paper's number, as a row of the figure's table."""
    row: Row = {"series": series, "kind": kind, "y": interval.estimate, "lower": interval.low, "upper": interval.high}
    return row | {"level": interval.level, "published": np.nan if theirs is None else theirs}


def bracketed(interval: Interval) -> str:
    """An estimate with its interval, a dash where there is none."""
    return NONE if np.isnan(interval.estimate) else interval_text(interval)
