"""Block V: the paper's plain block of one convolution."""

from netspaces.networks.block import Block


class VBlock(Block):
    """One k x k convolution, no shortcut."""

    name = "v"
    description = "one convolution, no shortcut"
    parameters = ("kernel",)


BLOCK = VBlock()
