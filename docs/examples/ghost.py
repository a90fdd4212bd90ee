"""Block ghost: a bottleneck around a Ghost module (Han et al. 2020, "GhostNet", section 3).

An example of a block outside the library: docs/how-to/own_block.md. A Ghost module makes half of its channels by a 1x1
convolution and the other half from these by a cheap depthwise one. GhostNet's own block has a second one at its end.
"""

from netspaces.networks.block import Block, Shape, squeeze_excitation
from netspaces.networks.layers import Concatenation, Convolution, Layer


class GhostBlock(Block):
    """Ghost module to twice half the bottleneck width, depthwise k x k, squeeze-and-excitation (if any), 1x1."""

    name = "ghost"
    description = "a bottleneck that makes half of its channels from the other half by a depthwise convolution"
    parameters = ("bottleneck", "kernel", "se_ratio")
    final_activation = False

    def layers(self, shape: Shape) -> list[Layer]:
        """The layers of the main path; the stride sits in the depthwise convolution."""
        half = (shape.bottleneck_width + 1) // 2
        cheap = Convolution(name="cheap", inputs=half, outputs=half, kernel=3, group_width=1)
        return [
            Convolution(name="primary", inputs=shape.inputs, outputs=half),
            Concatenation(name="ghost", inputs=half, outputs=2 * half, paths=((), (cheap,))),
            Convolution(
                name="spatial",
                inputs=2 * half,
                outputs=2 * half,
                kernel=shape.kernel,
                stride=shape.stride,
                group_width=1,
                activation=False,
            ),
            squeeze_excitation(shape, 2 * half),
            Convolution(name="reduce", inputs=2 * half, outputs=shape.width, activation=False),
        ]


BLOCK = GhostBlock()
