"""Figure 4: the X block, at stride 1 and at stride 2, with the numbers of a real network."""

from matplotlib.figure import Figure

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.panels import schematic
from netspaces.figures.panels.block_diagram import Place, block_name, draw_block, example
from netspaces.figures.panels.schematic import Schematic
from netspaces.figures.panels.structure import drawn_block
from netspaces.figures.style import house_style
from netspaces.studies.study import Study

KINDS = schematic.KINDS
COLUMNS = schematic.COLUMNS
WIDTH, HEIGHT = 7.2, 4.6  # inches
SPAN = (0.85, 4.1)  # inches: lower and upper end of the main path; the addition lies below
CENTRES = (1.15, 4.6)  # inches: centres of the main paths
PLACES = [Place(x, SPAN, width=1.75, shortcut=1.72) for x in CENTRES]
WANTS: dict = {"spaces": {"curves": 1, "trained": True}}


@house_style()
def draw(study: Study) -> Drawing:
    """Left: a block that keeps width and resolution. Right: the first block of its stage."""
    curve = study.panel("spaces")[0]
    architecture, stage, source = example(curve, study)
    figure = Figure(figsize=(WIDTH, HEIGHT))
    diagram = Schematic(figure, WIDTH, HEIGHT)
    for column, first in enumerate((False, True)):
        block = drawn_block(architecture, stage, first)
        stride = architecture.strides[stage] if first else 1
        kind = f"first block of stage {stage + 1}" if first else f"other blocks of stage {stage + 1}"
        diagram.panel = "first" if first else "other"
        heading = rf"$\mathbf{{{'ab'[column]}}}$  {block_name(architecture.block)} block, stride {stride}: {kind}"
        place = PLACES[column]
        diagram.text("title", place.left, HEIGHT - 0.2, heading, ha="left", fontsize=8.5, color="black")
        draw_block(diagram, block, place, architecture.activation)
    b, g = architecture.bottlenecks[stage], architecture.group_widths[stage]
    numbers = f"width w = {architecture.widths[stage]}, bottleneck ratio b = {b:g}, group width g = {g}"
    diagram.note(f"Stage {stage + 1} of {source}: {numbers}; maps: channels × pixels × pixels.")
    return finish(figure, study, [diagram.data()])
