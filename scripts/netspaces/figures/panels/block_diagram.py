"""Diagrams of one block: its layers on the main path, its shortcut, and the maps between them."""

from dataclasses import dataclass

import pandas as pd

from netspaces.figures.panels.schematic import BOX, Schematic, shape
from netspaces.figures.panels.structure import DrawnBlock, architecture_of
from netspaces.figures.style import GREY, pretty
from netspaces.networks.architecture import Architecture
from netspaces.networks.layers import ACTIVATIONS, Convolution, Layer
from netspaces.spaces.sampling import sample
from netspaces.studies.networks import best_networks
from netspaces.studies.study import Curve, Study


@dataclass(frozen=True)
class Place:
    """Where a block is drawn, in inches: centre and span (bottom, top) of the main path, and sizes.

    `width` is that of boxes, `shortcut` the distance of the shortcut from the main path.
    """

    x: float
    span: tuple[float, float]
    width: float
    shortcut: float

    @property
    def left(self) -> float:
        """The left edge of the boxes."""
        return self.x - self.width / 2

    @property
    def has_room(self) -> bool:
        """Whether a word fits between the boxes and the shortcut."""
        return self.shortcut - self.width / 2 > 0.6


def block_name(block: str) -> str:
    """A block's name: the paper's in capitals, as X and VR, others as their files call them."""
    return block.upper() if len(block) <= 2 else block.replace("_", " ")


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


def draw_block(diagram: Schematic, block: DrawnBlock, place: Place, activation: str) -> None:
    """The main path downwards, the shortcut to its right, the addition below."""
    x, (bottom, top) = place.x, place.span
    boxes = [(drawn.layer.name, drawn.layer.describe(activation), _tint(drawn.layer)) for drawn in block.layers]
    maps = [shape(block.inputs, block.resolution_in)]
    maps += [shape(drawn.layer.outputs, drawn.resolution) for drawn in block.layers]
    diagram.stack(x, place.width, place.span, boxes, maps)
    out = bottom - 0.4
    if block.shortcut is None:
        return
    side, branch, radius = x + place.shortcut, top - 0.04, 0.09
    middle = (top + bottom) / 2
    diagram.circle("addition", x, bottom - radius, radius, "+")
    joint = [(side, bottom - radius), (x + radius, bottom - radius)]
    if isinstance(block.shortcut, Layer):
        diagram.arrow("shortcut", [(x, branch), (side, branch), (side, middle + BOX / 2)])
        diagram.box("projection", side, middle, 1.3, BOX, block.shortcut.describe(activation), "shortcut")
        diagram.arrow("shortcut", [(side, middle - BOX / 2), *joint])
    else:
        diagram.arrow("shortcut", [(x, branch), (side, branch), *joint])
        beside = {"ha": "right"} if place.has_room else {"rotation": 90}
        diagram.text("identity", side - (0.06 if place.has_room else 0.09), middle, "identity", color=GREY, **beside)
    diagram.arrow("output", [(x, bottom - 2 * radius), (x, out)])
    if block.final_activation:
        diagram.text("output", x + 0.07, out + 0.06, ACTIVATIONS[activation], ha="left")


def _tint(layer: Layer) -> str:
    """The colour of a layer: convolutions over several pixels stand out."""
    if not isinstance(layer, Convolution):
        return "other"
    return "group" if layer.kernel > 1 else "conv"
