"""Block X: the paper's standard residual bottleneck block with group convolution; with SE it is the Y block."""

from typing import ClassVar

from netspaces.networks.block import Block, Shape, squeeze_excitation
from netspaces.networks.layers import Convolution, Layer


class XBlock(Block):
    """1x1, grouped k x k, squeeze-and-excitation (if any), 1x1, around a shortcut (paper figure 4)."""

    name = "x"
    description = "the paper's X block, a residual bottleneck with groups; with squeeze-and-excitation the Y block"
    parameters: ClassVar[tuple[str, ...]] = ("bottleneck", "group_width", "kernel", "se_ratio")

    def layers(self, shape: Shape) -> list[Layer]:
        """The stride sits in the grouped convolution."""
        middle = shape.bottleneck_width
        return [
            Convolution(name="reduce", inputs=shape.inputs, outputs=middle),
            Convolution(
                name="conv",
                inputs=middle,
                outputs=middle,
                kernel=shape.kernel,
                stride=shape.stride,
                group_width=shape.group_width,
            ),
            squeeze_excitation(shape, middle),
            Convolution(name="expand", inputs=middle, outputs=shape.width, activation=False),
        ]

    def check_group_width(self, group_width: int, bottleneck_width: int) -> str:
        """The groups divide the bottleneck width."""
        return f"a divisor of the bottleneck width {bottleneck_width}" if bottleneck_width % group_width else ""


BLOCK = XBlock()
