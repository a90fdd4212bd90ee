"""RegNet: depths and widths follow a quantised linear rule (paper section 3.3, equations 2 to 4)."""

from collections.abc import Mapping, Sequence

import numpy as np

from netspaces.networks.widths import quantised_linear
from netspaces.spaces.family import Family, Stages


class RegNet(Family):
    """A draw is valid if the rule gives exactly as many widths as the space has stages."""

    description = "Depths and widths follow from d, w_0, w_a and w_m by the quantised linear rule."
    rule = ("depth", "w_0", "w_a", "w_m")
    recorded = ("w_0", "w_a", "w_m")
    restriction = "quantised linear"

    def stages(self, values: Mapping[str, np.ndarray], count: int, strides: Sequence[int]) -> Stages:
        """The stages of n draws; see `quantised_linear` for which of them are valid."""
        depth, w_0, w_a, w_m = (values[name] for name in self.rule)
        valid, depths, widths = quantised_linear(depth, w_0, w_a, w_m, stages=count)
        depths, widths = depths[valid], widths[valid]
        return Stages(valid, depths, widths, np.broadcast_to(np.array(strides, np.int64), depths.shape))


FAMILY = RegNet()
