"""Block V: the paper's plain block of one convolution."""

from netspaces.networks.block import Block, Shape
from netspaces.networks.layers import Convolution, Layer


class VBlock(Block):
    """One k x k convolution, no shortcut."""

    name = "v"
    description = "one convolution, no shortcut"
    parameters = ("kernel",)
    shortcut = "none"

    def layers(self, shape: Shape) -> list[Layer]:
        """The convolution."""
        convolution = Convolution(
            name="conv", inputs=shape.inputs, outputs=shape.width, kernel=shape.kernel, stride=shape.stride
        )
        return [convolution]


BLOCK = VBlock()
