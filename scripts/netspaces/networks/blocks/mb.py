"""Block MB: EfficientNet's MBConv, the mobile inverted bottleneck."""

from collections.abc import Sequence

from netspaces.networks.block import Block, Shape, is_whole_ratio, squeeze_excitation
from netspaces.networks.layers import Convolution, Layer, rounded


class MBBlock(Block):
    """1x1 (absent if b is 1), depthwise k x k, squeeze-and-excitation (if any), linear 1x1.

    The input is added where width and stride leave its shape; nothing follows the addition. The bottleneck ratio b is
    the width of the block's input, not of its output, by that of the depthwise convolution.
    """

    name = "mb"
    description = "EfficientNet's MBConv, a depthwise inverted bottleneck that is residual where the identity fits"
    parameters = ("bottleneck", "kernel", "se_ratio")
    shortcut = "identity"
    final_activation = False

    def layers(self, shape: Shape) -> list[Layer]:
        """The stride sits in the depthwise convolution."""
        middle = rounded(shape.inputs / shape.bottleneck)
        return [
            Convolution(name="expand", inputs=shape.inputs, outputs=middle, present=shape.bottleneck != 1),
            Convolution(
                name="conv", inputs=middle, outputs=middle, kernel=shape.kernel, stride=shape.stride, group_width=1
            ),
            squeeze_excitation(shape, middle),
            Convolution(name="reduce", inputs=middle, outputs=shape.width, activation=False),
        ]

    def check_values(self, parameter: str, values: Sequence[float], whole: bool, is_range: bool) -> str:
        """As in `Block`, but a bottleneck is never above 1."""
        if parameter == "bottleneck":
            expands = not is_range and all(map(is_whole_ratio, values)) and max(values) <= 1
            return "" if expands else "1 or one over a whole number in block mb"
        return super().check_values(parameter, values, whole, is_range)

    def check_group_width(self, group_width: int, bottleneck_width: int) -> str:
        """The groups have one channel each."""
        return f"1, depthwise, for the bottleneck width {bottleneck_width}" if group_width != 1 else ""


BLOCK = MBBlock()
