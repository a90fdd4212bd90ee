"""Block X: the paper's standard residual bottleneck block with group convolution; with SE it is the Y block."""

from netspaces.networks.block import Block


class XBlock(Block):
    """1x1, grouped k x k, squeeze-and-excitation (if any), 1x1, around a shortcut (paper figure 4)."""

    name = "x"
    description = "the paper's X block, a residual bottleneck with groups; with squeeze-and-excitation the Y block"
    parameters = ("bottleneck", "group_width", "kernel", "se_ratio")


BLOCK = XBlock()
