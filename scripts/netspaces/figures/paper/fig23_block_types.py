"""Figure 23: diagrams of four block types, and the RegNet design space with each of them."""

import math

from matplotlib.figure import Figure, SubFigure

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf, schematic
from netspaces.figures.panels.block_diagram import Place, block_name, draw_block, example
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.panels.schematic import Schematic
from netspaces.figures.panels.structure import drawn_block
from netspaces.figures.style import canvas, house_style, title
from netspaces.studies.study import Curve, Study

KINDS = edf.KINDS | schematic.KINDS
COLUMNS = edf.COLUMNS | schematic.COLUMNS
ACROSS = 4  # diagrams in a row
WIDTH, HEIGHT = 1.95, 3.1  # inches: of one diagram
SPAN = (0.5, 2.75)  # inches: lower and upper end of its main path
WANTS: dict = {"blocks": {"trained": True}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Above: a block of each space, of stride 1. Below: error distributions of spaces that differ in it only."""
    curves = study.panel("blocks")
    rows = math.ceil(len(curves) / ACROSS)
    figure = canvas(1, width=ACROSS * WIDTH, key_rows=1 + len(curves))
    height = figure.get_figheight()
    figure.set_figheight(height + rows * HEIGHT)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(rows * HEIGHT, height)).flat
    diagram = _diagrams(above, study, curves, rows)
    ax = below.subplots()
    frame = edf_panel(ax, study, "blocks")
    title(ax, "b", "Error distributions")
    footnote(figure, runs_note(curves), edf_note(study), error_note(curves))
    return finish(figure, study, [diagram.data(), frame])


def _diagrams(figure: Figure | SubFigure, study: Study, curves: list[Curve], rows: int) -> Schematic:
    """A block of each curve's space, those of stride 1, in rows from the top left."""
    diagram = Schematic(figure, ACROSS * WIDTH, rows * HEIGHT)
    diagram.panel = "diagrams"
    for i, curve in enumerate(curves):
        architecture, stage, _ = example(curve, study)
        left, bottom = i % ACROSS * WIDTH, (rows - 1 - i // ACROSS) * HEIGHT
        place = Place(left + 0.7, (bottom + SPAN[0], bottom + SPAN[1]), width=1.25, shortcut=0.85)
        letter = "" if i else r"$\mathbf{a}$  "
        heading = f"{letter}{block_name(architecture.block)} block"
        diagram.text("title", place.left, bottom + HEIGHT - 0.15, heading, ha="left", fontsize=8.5, color="black")
        draw_block(diagram, drawn_block(architecture, stage, first=False), place, architecture.activation)
    return diagram
