"""Block convnext: the block of ConvNeXt (Liu et al. 2022, "A ConvNet for the 2020s", figure 4).

An example of a block outside the library: docs/how-to/own_block.md. ConvNeXt reduces the resolution between stages, in
layers of their own. Here the depthwise convolution carries the stride, as in the library's blocks, and the shortcut is
a 1x1 convolution with batch norm where the shape changes.
"""

from netspaces.networks.block import Block, Shape
from netspaces.networks.layers import Convolution, Layer, LayerNorm, LayerScale


class ConvNeXtBlock(Block):
    """Depthwise k x k, layer norm, 1x1 to the bottleneck width (b = 1/4 in the paper), GELU, 1x1, layer scale."""

    name = "convnext"
    description = "ConvNeXt's block: depthwise convolution, layer norm, inverted bottleneck with GELU, layer scale"
    parameters = ("bottleneck", "kernel")
    final_activation = False

    def layers(self, shape: Shape) -> list[Layer]:
        """The layers of the main path; convolutions have a bias and no batch norm."""
        inputs, width, middle = shape.inputs, shape.width, shape.bottleneck_width
        return [
            Convolution(
                name="spatial",
                inputs=inputs,
                outputs=inputs,
                kernel=shape.kernel,
                stride=shape.stride,
                group_width=1,
                activation=False,
                norm=False,
                bias=True,
            ),
            LayerNorm(name="norm", inputs=inputs, outputs=inputs),
            Convolution(name="expand", inputs=inputs, outputs=middle, activation="gelu", norm=False, bias=True),
            Convolution(name="reduce", inputs=middle, outputs=width, activation=False, norm=False, bias=True),
            LayerScale(name="scale", inputs=width, outputs=width),
        ]


BLOCK = ConvNeXtBlock()
