"""Panels of random-search efficiency: the expected best error of a search against its size."""

import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import joined
from netspaces.figures.key import Key, line
from netspaces.figures.panels.axes import NO_RUNS, Limits, distribution_limits, error_axis, error_span, log2_axis, say
from netspaces.figures.style import EDF_ALPHA, looks, pretty
from netspaces.statistics.search import SearchCurve, random_search_exact
from netspaces.studies.study import Curve, Row, Study

KINDS = {
    "exact": "search curve: x networks tried, y expected best error in %, `lower` and `upper` the central errors",
}
COLUMNS = {"std": "standard deviation of the best error, percentage points"}


def search_panel(ax: Axes, study: Study, panel: str) -> pd.DataFrame:
    """Expected best error of a random search against its size, exact: the limit of infinitely many searches."""
    curves, styles = study.panel(panel), looks(study)
    key, frames, largest = Key(), [], 1
    for curve in curves:
        if curve.table.empty:
            continue
        look = styles[curve.label]
        exact = random_search_exact(curve.errors, level=study.level)
        ax.fill_between(exact.sizes, exact.low, exact.high, color=look["color"], alpha=EDF_ALPHA, linewidth=0)
        ax.plot(exact.sizes, exact.mean, **look)
        key.add(line(**look), _label(exact, curve.label))
        frames.append(_frame(curve.label, "exact", exact))
        largest = max(largest, *exact.sizes)
    log2_axis(ax.xaxis, 2**-0.3, largest * 2**0.3)
    error_axis(ax.yaxis, _limits(study, curves, frames), "expected best error")
    ax.set_xlabel("sample size m")
    if not frames:
        say(ax, NO_RUNS)
        frames = [pd.DataFrame([{"series": curve.label, "kind": "exact"} for curve in curves])]
    key.draw(ax)
    return joined(frames, panel)


def _limits(study: Study, curves: list[Curve], frames: list[pd.DataFrame]) -> Limits:
    """An axis that shows all that is drawn, logarithmic where those of the study's distributions are."""
    limits, _ = distribution_limits(study, curves)
    if not frames:
        return limits
    drawn = pd.concat(frames)[["lower", "upper"]]
    return *error_span(drawn.min(axis=None), drawn.max(axis=None), limits[2]), limits[2]


def _label(search: SearchCurve, label: str) -> str:
    """A curve's name, and its expected best errors at a few sizes."""
    shown = [m for m in (1, 8, 32) if m in search.sizes]
    values = " → ".join(f"{search.mean[list(search.sizes).index(m)]:.1f}" for m in shown)
    return f"{pretty(label)}: {values} at m = {', '.join(map(str, shown))}"


def _frame(label: str, kind: str, search: SearchCurve) -> pd.DataFrame:
    """A search curve as rows of the figure's table."""
    columns: Row = {"x": search.sizes, "y": search.mean, "lower": search.low, "upper": search.high, "std": search.std}
    return pd.DataFrame({"series": label, "kind": kind, **columns})


def search_note(study: Study) -> str:
    """What the lines and bands of `search_panel` are."""
    return f"random search: mean and central {100 * study.level:g} % of the best of m networks drawn with replacement"
