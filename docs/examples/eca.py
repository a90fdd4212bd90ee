"""Block eca: block X with efficient channel attention (Wang et al. 2020, "ECA-Net", section 3).

An example of a block outside the library: docs/how-to/own_block.md. It changes a block of the library: the gate of
squeeze-and-excitation becomes one of a convolution over neighbouring channels.
"""

import numpy as np
from netspaces.networks.block import Shape
from netspaces.networks.blocks.x import XBlock
from netspaces.networks.layers import EfficientChannelAttention, Layer, Size


class ECABlock(XBlock):
    """1x1, grouped k x k, channel attention, 1x1, around a shortcut."""

    name = "eca"
    description = "block X with efficient channel attention after its grouped convolution"
    parameters = ("bottleneck", "group_width", "kernel")

    def layers(self, shape: Shape) -> list[Layer]:
        """Those of block X, with the gate in place of squeeze-and-excitation."""
        reduce, conv, _, expand = super().layers(shape)
        width = shape.bottleneck_width
        gate = EfficientChannelAttention(name="eca", inputs=width, outputs=width, kernel=neighbours(width))
        return [reduce, conv, gate, expand]


def neighbours(width: Size) -> Size:
    """How many channels a gate sees: the odd number next to (log2(width) + 1) / 2, from below (equation 12)."""
    steps = ((np.log2(width) + 1) / 2).astype(np.int64)
    kernel = steps + (steps % 2 == 0)
    return kernel if isinstance(width, np.ndarray) else int(kernel)


BLOCK = ECABlock()
