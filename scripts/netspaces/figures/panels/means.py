"""Panels of mean errors over regimes, and of differences of mean errors, with intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import shared
from netspaces.figures.key import Key, line
from netspaces.figures.panels.axes import NO_RUNS, error_axis, error_limits, mean_error_limits, say
from netspaces.figures.panels.places import dodge, flops, places_axis
from netspaces.figures.style import Look, looks, pretty
from netspaces.statistics.intervals import Interval
from netspaces.statistics.search import bootstrap_interval
from netspaces.studies.study import Curve, Row, Study

KINDS = {
    "mean": "expected error (%) of one network, with its interval; x flops (MF), shifted a little to be seen",
    "best_of": "expected error (%) of the best of `sample_size` networks, as `mean`",
}
COLUMNS = shared("regime", "recipe", "n", "planned", "level")
COLUMNS |= {"sample_size": "networks of which the best is expected"}
INTERVAL_SHARE = 8  # the best of m from n networks has an interval where m is at most n / 8


def mean_errors_panel(ax: Axes, study: Study, panel: str, curves: Sequence[Curve], best_of: int = 1) -> pd.DataFrame:
    """Expected error of the best of `best_of` networks over flops, with BCa intervals: for 1 the mean error.

    Curves of one label are one series.
    """
    labels = list(dict.fromkeys(curve.label for curve in curves))
    places_axis(ax, curves, flops)
    rows = []
    for curve in sorted(curves, key=flops):
        if len(curve.table) >= best_of:
            x = flops(curve) * 2 ** dodge(labels.index(curve.label), len(labels))
            rows.append({"series": curve.label} | _expected_error(study, curve, best_of) | {"x": x})
    if not rows:
        say(ax, NO_RUNS)
        rows = [{"series": label, "kind": "mean"} for label in labels]
    frame = pd.DataFrame(rows)
    key = Key()
    for label in labels:
        draw_series(ax, key, frame[frame["series"] == label], looks(study)[label], pretty(label))
    limits = mean_error_limits(frame) if "y" in frame else error_limits([])
    error_axis(ax.yaxis, limits, "mean error" if best_of == 1 else f"expected best of {best_of}")
    key.draw(ax)
    frame.insert(0, "panel", panel)
    return frame


def _expected_error(study: Study, curve: Curve, best_of: int) -> dict:
    """The expected error of the best of some networks with its interval; a single network has none."""
    n = len(curve.table)
    if n == 1:
        interval = Interval(float(curve.errors.mean()), np.nan, np.nan, study.level)
    else:
        interval = bootstrap_interval(curve.errors, best_of, study.resampling)
    row: Row = {"kind": "mean" if best_of == 1 else "best_of", "x": np.nan, "y": interval.estimate}
    row |= {"lower": interval.low, "upper": interval.high, "regime": curve.regime, "recipe": curve.recipe, "n": n}
    return row | {"planned": curve.planned, "sample_size": best_of, "level": study.level}


def draw_series(ax: Axes, key: Key, rows: pd.DataFrame, look: Look, label: str) -> None:
    """Points with intervals, joined by a line, and their entry in the key."""
    if {"y", "lower"} <= set(rows) and len(rows):
        ax.plot(rows["x"], rows["y"], marker="o", markersize=4, **look)
        ax.vlines(rows["x"], rows["lower"], rows["upper"], color=look["color"], linewidth=1.6)
    key.add(line(marker="o", markersize=4, **look), label)


def intervals_note(study: Study) -> str:
    """What the intervals of `mean_errors_panel` and `differences_panel` are."""
    return f"vertical lines: {100 * study.level:g} % BCa intervals ({study.resamples:,} resamples, seed {study.seed})"
