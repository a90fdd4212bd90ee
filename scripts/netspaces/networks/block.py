"""What a block is: the layers of its main path, its shortcut, its parameters, and the widths that it can have.

A block is one file in `netspaces.networks.blocks`, or a user's file, with an instance of a subclass of `Block` under
the name BLOCK. Modules, complexity, compatibility of widths, diagrams and documentation all follow from it.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from netspaces.networks.compatibility import Arrays, exact_ratios, fit_groups
from netspaces.networks.layers import Convolution, Layer, Size, SqueezeExcitation, rounded

BLOCK_PARAMETERS = ("bottleneck", "group_width", "kernel", "se_ratio")
"""The parameters beside depth and width that a block may have."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """The numbers of one block: channels in and out, stride, and its parameters.

    They are Python numbers for one block of one network, or arrays of shape (n,) for the same block of n networks.
    """

    inputs: Size
    width: Size
    stride: Size
    bottleneck: Size
    group_width: Size
    kernel: Size
    se_ratio: Size

    @property
    def bottleneck_width(self) -> Size:
        """The width over the bottleneck ratio, rounded half to even."""
        return rounded(self.width / self.bottleneck)

    @property
    def squeezed(self) -> Size:
        """Channels that squeeze-and-excitation squeezes to: a share of the block's input, as in the authors' code."""
        if not isinstance(self.se_ratio, np.ndarray) and not self.se_ratio:
            return 0
        return rounded(self.se_ratio * self.inputs)

    @property
    def changes(self) -> bool | np.ndarray:
        """Whether the output of the block has another width or resolution than its input."""
        return (self.inputs != self.width) | (self.stride != 1)


class Block(ABC):
    """The repeated unit of a network.

    Attributes
    ----------
    name : the name of the entry, which is that of its file.
    description : what the block is, in one line.
    parameters : which of `BLOCK_PARAMETERS` it has.
    shortcut : "projection" if the input is added to the main path, through a 1x1 convolution where the shape changes;
        "identity" if the input is added where the shape stays, and not elsewhere; "none" if it is never added.
    final_activation : whether an activation follows the addition.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]]
    shortcut: ClassVar[Literal["projection", "identity", "none"]] = "projection"
    final_activation: ClassVar[bool] = True

    @abstractmethod
    def layers(self, shape: Shape) -> list[Layer]:
        """The layers of the main path in their order, for numbers of one network or of many.

        Their strides multiply to that of the shape. Their names are those of the block's modules, so that no layer may
        be called `projection` or `activation`.
        """

    def projection(self, shape: Shape) -> Layer | None:
        """The 1x1 convolution of the shortcut, which carries the stride, None if the block has none at any shape."""
        if self.shortcut != "projection":
            return None
        return Convolution(
            name="projection",
            inputs=shape.inputs,
            outputs=shape.width,
            stride=shape.stride,
            activation=False,
            present=shape.changes,
        )

    def is_residual(self, shape: Shape) -> bool:
        """Whether the input is added to the main path, in a block of one network."""
        return self.shortcut == "projection" or (self.shortcut == "identity" and not shape.changes)

    @property
    def lacks(self) -> tuple[str, ...]:
        """The parameters of a stage that this block does not have; a design space may state them all the same.

        The ratio of squeeze-and-excitation is none of them: a block without it accepts the ratio 0 only.
        """
        return tuple(name for name in BLOCK_PARAMETERS if name not in self.parameters and name != "se_ratio")

    def check_values(self, parameter: str, values: Sequence[float], whole: bool, is_range: bool) -> str:
        """What a design space's values of `bottleneck` or `se_ratio` should be, "" if this block takes them all.

        Parameters
        ----------
        values : all values of a choice, or both ends of a range.
        whole : whether all values, also those within a range, are whole numbers.
        is_range : whether `values` are the ends of a range.
        """
        if parameter == "se_ratio" and "se_ratio" in self.parameters:
            return "" if min(values) >= 0 else "at least 0"
        if parameter == "se_ratio":
            return f"0, block {self.name} has no squeeze-and-excitation" if any(values) else ""
        if is_range:
            return "" if whole and min(values) > 0 else "whole numbers above 0"
        return "" if all(map(is_whole_ratio, values)) else "whole numbers or one over a whole number"

    def compatible(self, widths: np.ndarray, bottlenecks: np.ndarray, group_widths: np.ndarray) -> Arrays:
        """Widths, bottleneck ratios and group widths that fit each other; see `netspaces.networks.compatibility`.

        Ratios and group widths that the block does not have become 1.
        """
        if "bottleneck" not in self.parameters:
            bottlenecks = np.ones_like(bottlenecks)
        if "group_width" in self.parameters:
            return fit_groups(widths, bottlenecks, group_widths)
        return widths, exact_ratios(bottlenecks), np.ones_like(group_widths)

    def check_group_width(self, group_width: int, bottleneck_width: int) -> str:
        """What the group width of a stage should be, "" if it is right."""
        return ""


def squeeze_excitation(shape: Shape, width: Size) -> SqueezeExcitation:
    """Squeeze-and-excitation of `width` channels within a block; a share that rounds to no channel is none."""
    return SqueezeExcitation(name="se", inputs=width, outputs=width, squeezed=shape.squeezed)


def is_whole_ratio(bottleneck: float) -> bool:
    """Whether a bottleneck ratio is a whole number or one over a whole number."""
    ratio = max(bottleneck, 1 / bottleneck) if bottleneck > 0 else 0.0
    return ratio > 0 and math.isclose(ratio, round(ratio), rel_tol=1e-5)
