"""Block shuffle: the unit of ShuffleNet (Zhang et al. 2018, "ShuffleNet", figure 2).

An example of a block outside the library: docs/how-to/own_block.md. Its 1x1 convolutions have groups too, and a
shuffle of channels between them lets the groups see one another. ShuffleNet's units of stride 2 concatenate a pooled
input; here the shortcut is a 1x1 convolution, as in the library's blocks.
"""

import numpy as np
from netspaces.networks.block import Block, Shape
from netspaces.networks.compatibility import Arrays
from netspaces.networks.layers import ChannelShuffle, Convolution, Layer

GROUPS = 4
"""Groups of the second 1x1 convolution and of the shuffle; the first one takes any number of channels and has one."""


class ShuffleBlock(Block):
    """1x1, shuffle, depthwise k x k, 1x1 in groups, around a shortcut."""

    name = "shuffle"
    description = "ShuffleNet's unit: a channel shuffle before a depthwise convolution and a 1x1 one in groups"
    parameters = ("bottleneck", "kernel")

    def layers(self, shape: Shape) -> list[Layer]:
        """The layers of the main path; the stride sits in the depthwise convolution."""
        middle = shape.bottleneck_width
        return [
            Convolution(name="reduce", inputs=shape.inputs, outputs=middle),
            ChannelShuffle(name="shuffle", inputs=middle, outputs=middle, groups=GROUPS),
            Convolution(
                name="spatial",
                inputs=middle,
                outputs=middle,
                kernel=shape.kernel,
                stride=shape.stride,
                group_width=1,
                activation=False,
            ),
            Convolution(
                name="expand",
                inputs=middle,
                outputs=shape.width,
                group_width=middle // GROUPS,
                activation=False,
            ),
        ]

    def compatible(self, widths: np.ndarray, bottlenecks: np.ndarray, group_widths: np.ndarray) -> Arrays:
        """Widths of which the groups divide the width and the bottleneck width."""
        _, bottlenecks, group_widths = super().compatible(widths, bottlenecks, group_widths)
        step = np.rint(GROUPS * np.maximum(bottlenecks, 1)).astype(np.int64)
        return step * np.maximum(widths // step, 1), bottlenecks, group_widths


BLOCK = ShuffleBlock()
