"""Figure 1: the idea of design-space design: nested spaces, and the error distributions that move left."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.style import NORMAL, Look, canvas, house_style, looks, pretty, title
from netspaces.studies.study import Study

KINDS = {"set": "ellipse of a design space"} | edf.KINDS
COLUMNS = {
    "width": "width of the ellipse",
    "height": "its height",
    "text_y": "where its name stands",
} | edf.COLUMNS
WANTS: dict = {"spaces": {}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Left: the spaces as nested sets. Right: their error distributions."""
    curves = study.panel("spaces")
    figure = canvas(2, width=3.6, key_rows=len(curves) + 1)
    left, right = (part.subplots() for part in figure.subfigures(1, 2, squeeze=False)[0])
    sets = nested_sets(left, study)
    title(left, "a", "Nested design spaces")
    distributions = edf_panel(right, study, "spaces")
    title(right, "b", "Error distributions")
    footnote(figure, runs_note(curves), edf_note(study), error_note(curves))
    return finish(figure, study, [sets, distributions])


def nested_sets(ax: Axes, study: Study) -> pd.DataFrame:
    """The panel's spaces as nested ellipses in the colours of their curves."""
    curves, styles = study.panels["spaces"], looks(study)
    rows, count = [], len(curves)
    for i, curve in enumerate(curves):
        bottom, height = 0.03 * i, 1 - i * 0.9 / count
        width = 1 - 0.8 * i / count
        colour = styles[curve.label]["color"]
        look: Look = {"facecolor": "white", "edgecolor": colour, "linewidth": 1.4}
        ax.add_patch(Ellipse((0.5, bottom + height / 2), width, height, **look))
        ax.add_patch(Ellipse((0.5, bottom + height / 2), width, height, facecolor=(colour, 0.14), edgecolor="none"))
        next_top = 0.03 * (i + 1) + 1 - (i + 1) * 0.9 / count if i + 1 < count else bottom
        text_y = (bottom + height + next_top) / 2
        ax.text(0.5, text_y, pretty(curve.label), ha="center", va="center", fontsize=NORMAL)
        rows.append({"series": curve.label, "kind": "set", "x": 0.5, "y": bottom + height / 2})
        rows[-1] |= {"width": width, "height": height, "text_y": text_y}
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.set_axis_off()
    return pd.DataFrame(rows).assign(panel="sets")
