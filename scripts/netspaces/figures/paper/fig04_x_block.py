"""Figure 4: the X block, at stride 1 and at stride 2, with the numbers of a real network."""

import pandas as pd

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.panels import schematic
from netspaces.figures.panels.schematic import BOX, Schematic, shape
from netspaces.figures.panels.structure import DrawnBlock, architecture_of, drawn_block
from netspaces.figures.style import GREY, house_style, pretty
from netspaces.networks.architecture import Architecture
from netspaces.networks.layers import ACTIVATIONS, Convolution, Layer
from netspaces.spaces.sampling import sample
from netspaces.studies.networks import best_networks
from netspaces.studies.study import Curve, Study

KINDS = schematic.KINDS
COLUMNS = schematic.COLUMNS
WIDTH, HEIGHT = 7.2, 4.6  # inches
SPAN = (0.85, 4.1)  # inches: lower and upper end of the main path; the addition lies below
CENTRES = (1.15, 4.6)  # inches: centres of the main paths
BOX_WIDTH, SHORTCUT = 1.75, 1.72  # inches: width of boxes, distance of the shortcut from the main path
WANTS: dict = {"spaces": {"curves": 1, "trained": True}}


def _name(block: str) -> str:
    """A block's name: the paper's in capitals, as X and VR, others as their files call them."""
    return block.upper() if len(block) <= 2 else block.replace("_", " ")


@house_style()
def draw(study: Study) -> Drawing:
    """Left: a block that keeps width and resolution. Right: the first block of its stage."""
    curve = study.panel("spaces")[0]
    architecture, stage, source = example(curve, study)
    diagram = Schematic(WIDTH, HEIGHT)
    for column, first in enumerate((False, True)):
        block = drawn_block(architecture, stage, first)
        stride = architecture.strides[stage] if first else 1
        kind = f"first block of stage {stage + 1}" if first else f"other blocks of stage {stage + 1}"
        diagram.panel = "first" if first else "other"
        heading = rf"$\mathbf{{{'ab'[column]}}}$  {_name(architecture.block)} block, stride {stride}: {kind}"
        diagram.text(
            "title", CENTRES[column] - BOX_WIDTH / 2, HEIGHT - 0.2, heading, ha="left", fontsize=8.5, color="black"
        )
        _block(diagram, block, CENTRES[column], architecture.activation)
    b, g = architecture.bottlenecks[stage], architecture.group_widths[stage]
    numbers = f"width w = {architecture.widths[stage]}, bottleneck ratio b = {b:g}, group width g = {g}"
    diagram.note(f"Stage {stage + 1} of {source}: {numbers}; maps: channels × pixels × pixels.")
    return finish(diagram.figure, study, [diagram.data()])


def example(curve: Curve, study: Study) -> tuple[Architecture, int, str]:
    """An architecture, the stage to draw and where they come from.

    The best network whose stage shows what a block can have (a bottleneck, several groups), else the best one; before
    any run is there, the first network that the design space gives.
    """
    ranked = best_networks(curve)
    if ranked.empty:
        architecture = sample(study.definitions[curve.space], {}, study.seed, [0]).architectures.row(0)
        return architecture, telling_stage(architecture), f"a network of {pretty(curve.label)}"
    for _, row in ranked.iterrows():
        architecture = architecture_of(row)
        stage = telling_stage(architecture)
        if 1 < architecture.group_widths[stage] < architecture.bottleneck_widths[stage] < architecture.widths[stage]:
            break
    else:
        row = ranked.iloc[0]
    architecture = architecture_of(row)
    return architecture, telling_stage(architecture), _source(curve, row)


def telling_stage(architecture: Architecture) -> int:
    """The stage to draw: one that halves the resolution and has several blocks, if any; the deepest of them."""
    depths, strides = architecture.depths, architecture.strides
    return max(range(len(depths)), key=lambda i: (strides[i] > 1 and depths[i] > 1, strides[i] > 1, depths[i]))


def _source(curve: Curve, row: pd.Series) -> str:
    return f"network {int(row['index'])} of {pretty(curve.label)} (error {row[curve.error]:.1f} %)"


def _block(diagram: Schematic, block: DrawnBlock, x: float, activation: str) -> None:
    """The main path downwards, the shortcut to its right, the addition below."""
    bottom, top = SPAN
    boxes = [(drawn.layer.name, drawn.layer.describe(activation), _tint(drawn.layer)) for drawn in block.layers]
    maps = [shape(block.inputs, block.resolution_in)]
    maps += [shape(drawn.layer.outputs, drawn.resolution) for drawn in block.layers]
    diagram.stack(x, BOX_WIDTH, SPAN, boxes, maps)
    out = bottom - 0.4
    if block.shortcut is None:
        return
    side, branch, radius = x + SHORTCUT, top - 0.04, 0.09
    middle = (top + bottom) / 2
    diagram.circle("addition", x, bottom - radius, radius, "+")
    joint = [(side, bottom - radius), (x + radius, bottom - radius)]
    if isinstance(block.shortcut, Layer):
        diagram.arrow("shortcut", [(x, branch), (side, branch), (side, middle + BOX / 2)])
        diagram.box("projection", side, middle, 1.3, BOX, block.shortcut.describe(activation), "shortcut")
        diagram.arrow("shortcut", [(side, middle - BOX / 2), *joint])
    else:
        diagram.arrow("shortcut", [(x, branch), (side, branch), *joint])
        diagram.text("identity", side - 0.06, middle, "identity", ha="right", color=GREY)
    diagram.arrow("output", [(x, bottom - 2 * radius), (x, out)])
    if block.final_activation:
        diagram.text("output", x + 0.07, out + 0.06, ACTIVATIONS[activation], ha="left")


def _tint(layer: Layer) -> str:
    """The colour of a layer: convolutions over several pixels stand out."""
    if not isinstance(layer, Convolution):
        return "other"
    return "group" if layer.kernel > 1 else "conv"
