"""Block VR: the paper's plain block of one convolution, made residual."""

from netspaces.networks.block import Block, Shape
from netspaces.networks.layers import Convolution, Layer


class VRBlock(Block):
    """One k x k convolution around a shortcut, its activation after the addition."""

    name = "vr"
    description = "block V around a shortcut"
    parameters = ("kernel",)

    def layers(self, shape: Shape) -> list[Layer]:
        """The convolution."""
        convolution = Convolution(
            name="conv",
            inputs=shape.inputs,
            outputs=shape.width,
            kernel=shape.kernel,
            stride=shape.stride,
            activation=False,
        )
        return [convolution]


BLOCK = VRBlock()
