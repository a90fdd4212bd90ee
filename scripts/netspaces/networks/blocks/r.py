"""Block R: the paper's bottleneck block without groups, ResNet's."""

import numpy as np

from netspaces.networks.blocks.x import XBlock
from netspaces.networks.compatibility import Arrays, fit_one_group


class RBlock(XBlock):
    """Block X with a single group, whose width is the bottleneck width."""

    name = "r"
    description = "block X without groups, the bottleneck block of ResNet"
    parameters = ("bottleneck", "kernel", "se_ratio")

    def compatible(self, widths: np.ndarray, bottlenecks: np.ndarray, group_widths: np.ndarray) -> Arrays:
        """Widths that the bottleneck ratio divides; the group widths given mean nothing."""
        return fit_one_group(widths, bottlenecks)

    def check_group_width(self, group_width: int, bottleneck_width: int) -> str:
        """There is one group."""
        return f"equal to the bottleneck width {bottleneck_width}" if group_width != bottleneck_width else ""


BLOCK = RBlock()
