"""Panels of differences of mean errors over regimes, with intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import shared
from netspaces.figures.key import Key
from netspaces.figures.panels.axes import say
from netspaces.figures.panels.means import draw_series
from netspaces.figures.panels.places import dodge, flops, places_axis
from netspaces.figures.style import GREY, looks, pretty
from netspaces.statistics.comparisons import compare
from netspaces.studies.study import Curve, Row, Study

KINDS = {
    "difference": "mean error of the series minus that of its reference, with its interval; x flops (MF), shifted a "
    "little to be seen",
}
COLUMNS = {"n_a": "networks of the series", "n_b": "networks of its reference"}
COLUMNS |= shared("regime", "level", "resamples")


def differences_panel(
    ax: Axes, study: Study, panel: str, pairs: Sequence[tuple[str, Curve, Curve]], reference: str
) -> pd.DataFrame:
    """Mean error of a minus mean error of b over flops, with its interval for this pair alone.

    Parameters: `pairs` of (label, a, b), those of one label being one series; `reference` names the b of all.
    """
    labels = list(dict.fromkeys(label for label, _, _ in pairs))
    places_axis(ax, [a for _, a, _ in pairs], flops)
    enough = [(label, a, b) for label, a, b in pairs if min(len(a.table), len(b.table)) >= 2]
    if enough:
        shifts = [dodge(labels.index(label), len(labels)) for label, _, _ in enough]
        frame = _differences(study, enough, shifts)
    else:
        say(ax, "fewer than two runs yet")
        ax.set(ylim=(-1, 1), yticks=[0])
        frame = pd.DataFrame({"series": labels, "kind": "difference"})
    ax.axhline(0, color=GREY, linewidth=1.0, zorder=1)
    ax.set_ylabel("mean error, difference (%)")
    key = Key()
    for label in labels:
        rows, look = frame[frame["series"] == label], looks(study)[label]
        draw_series(ax, key, rows, look, f"{pretty(label)} − {reference}")
    key.draw(ax)
    frame.insert(0, "panel", panel)
    return frame


def _differences(study: Study, pairs: Sequence[tuple[str, Curve, Curve]], shifts: Sequence[float]) -> pd.DataFrame:
    """A row per pair (label, a, b), each shifted by some doublings."""
    errors = {curve.population: curve.errors for _, a, b in pairs for curve in (a, b)}
    compared = compare(errors, [(a.population, b.population) for _, a, b in pairs], study.resampling)
    columns: Row = {
        "series": [label for label, _, _ in pairs],
        "kind": "difference",
        "x": [flops(a) for _, a, _ in pairs] * np.exp2(shifts),
        "y": compared["difference"],
        "lower": compared["low"],
        "upper": compared["high"],
        "regime": [a.regime for _, a, _ in pairs],
    }
    return pd.DataFrame(columns | {column: compared[column] for column in ("n_a", "n_b", "level", "resamples")})
