"""Block R: the paper's bottleneck block without groups, ResNet's."""

from netspaces.networks.block import Block


class RBlock(Block):
    """Block X with a single group."""

    name = "r"
    description = "block X without groups, the bottleneck block of ResNet"
    parameters = ("bottleneck", "kernel", "se_ratio")


BLOCK = RBlock()
