"""Panels of random-search efficiency: the expected best error of a search against its size."""

import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import joined
from netspaces.figures.key import Key, line
from netspaces.figures.panels.axes import NO_RUNS, error_axis, error_limits, log2_axis, say
from netspaces.figures.style import EDF_ALPHA, Look, looks, pretty
from netspaces.statistics.search import SearchCurve, random_search, random_search_exact
from netspaces.studies.study import Row, Study

KINDS = {
    "exact": "search curve: x networks tried, y expected best error in %, `lower` and `upper` the central errors",
    "simulated": "the same, by simulated searches",
}
COLUMNS = {"std": "standard deviation of the best error, percentage points", "experiments": "simulated searches"}


def search_panel(ax: Axes, study: Study, panel: str) -> pd.DataFrame:
    """Expected best error of a random search against its size: exact, and as simulated by the authors of NDS."""
    curves, styles = study.panel(panel), looks(study)
    key, frames, largest = Key(), [], 1
    for curve in curves:
        if curve.table.empty:
            continue
        look = styles[curve.label]
        hollow: Look = {"marker": "o", "markersize": 4, "markerfacecolor": "white"}
        exact = random_search_exact(curve.errors, level=study.level)
        simulated = random_search(curve.errors, level=study.level, seed=study.seed)
        ax.fill_between(exact.sizes, exact.low, exact.high, color=look["color"], alpha=EDF_ALPHA, linewidth=0)
        ax.plot(exact.sizes, exact.mean, **look)
        ax.plot(simulated.sizes, simulated.mean, color=look["color"], linestyle="none", **hollow)
        key.add(line(**hollow, **look), _label(exact, curve.label))
        frames.append(_frame(curve.label, "exact", exact))
        frames.append(_frame(curve.label, "simulated", simulated).assign(experiments=simulated.experiments))
        largest = max(largest, *exact.sizes)
    log2_axis(ax.xaxis, 2**-0.3, largest * 2**0.3)
    error_axis(ax.yaxis, error_limits(curves), "expected best error")
    ax.set_xlabel("sample size m")
    if not frames:
        say(ax, NO_RUNS)
        frames = [pd.DataFrame([{"series": curve.label, "kind": "exact"} for curve in curves])]
    key.draw(ax)
    return joined(frames, panel)


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
    """What the lines, bands and points of `search_panel` are."""
    return (
        f"random search: lines and bands: exact mean and central {100 * study.level:g} % of the best of m networks "
        f"drawn with replacement; points: mean of n/m simulated searches (seed {study.seed})"
    )
