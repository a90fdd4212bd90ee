"""Figure 1: the idea of design-space design: nested spaces, and the error distributions that move left."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from netspaces.figures.primitives import edf_note, edf_panel, error_limits, panel_curves
from netspaces.figures.style import SMALL, error_note, finish, footnote, grid, house_style, looks, pretty, runs_note
from netspaces.spaces import count
from netspaces.studies import Drawing, Study

PANELS = ("spaces",)


@house_style()
def draw(study: Study) -> Drawing:
    """Left: the spaces as nested sets. Right: their error distributions."""
    curves = panel_curves(study, "spaces")
    figure, ((left, right),) = grid(2, width=3.6, key_rows=len(curves) + 1)
    sets = nested_sets(left, study)
    left.set_title("a  Design spaces, each a part of the last")
    distributions = edf_panel(right, study, "spaces", error_limits(curves))
    right.set_title("b  Error distributions")
    footnote(figure, runs_note(curves), edf_note(study), error_note(curves))
    return finish(figure, study, [sets, distributions])


def nested_sets(ax: Axes, study: Study) -> pd.DataFrame:
    """The panel's spaces as nested ellipses in the colours of their curves, each with its number of settings."""
    curves, styles = study.panels["spaces"], looks(study)
    rows = []
    for i, curve in enumerate(curves):
        scale = 1 - i / len(curves)
        width, height = 1.9 * scale**0.8, 1.9 * scale
        center = (0.0, -0.95 + height / 2 + 0.02 * i)
        look = styles[curve.label]
        ellipse = Ellipse(center, width, height, facecolor=(look["color"], 0.16), edgecolor=look["color"], linewidth=1.4)
        ax.add_patch(ellipse)
        below = -0.95 + 1.9 * (1 - (i + 1) / len(curves)) + 0.02 * (i + 1) if i + 1 < len(curves) else center[1] - height / 2
        middle = (center[1] + height / 2 + below) / 2 if i + 1 < len(curves) else center[1]
        settings = _settings(study, curve.space)
        text = pretty(curve.label) + (f"\n{settings}" if settings else "")
        ax.text(0, middle, text, ha="center", va="center", fontsize=SMALL, linespacing=1.3)
        rows.append({"series": curve.label, "kind": "set", "x": center[0], "y": center[1], "width": width, "height": height})
        rows[-1] |= {"text_y": middle, "text": settings}
    ax.set(xlim=(-1.02, 1.02), ylim=(-1.0, 1.0))
    ax.grid(False)
    ax.set_axis_off()
    return pd.DataFrame(rows).assign(panel="sets")


def _settings(study: Study, space: str) -> str:
    if space not in study.definitions:
        return ""
    size = float(count(study.definitions[space]).exact_count)
    exponent = int(np.floor(np.log10(size)))
    return rf"${size / 10**exponent:.1f} \times 10^{{{exponent}}}$ settings"
