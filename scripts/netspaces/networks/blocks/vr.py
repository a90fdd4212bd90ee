"""Block VR: the paper's plain block of one convolution, made residual."""

from netspaces.networks.block import Block


class VRBlock(Block):
    """One k x k convolution around a shortcut."""

    name = "vr"
    description = "block V around a shortcut"
    parameters = ("kernel",)


BLOCK = VRBlock()
