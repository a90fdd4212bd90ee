"""AnyNet: each stage has a depth and a width of its own (paper section 3.2)."""

from collections.abc import Mapping, Sequence

import numpy as np

from netspaces.spaces.family import STAGE_PARAMETERS, Family, Stages, for_each_stage


class AnyNet(Family):
    """Every draw is valid; depths and widths are drawn as they are."""

    description = "Each stage has its own depth, width and parameters of blocks, unless the space shares them."
    rule = ("depth", "width")
    per_stage = (*rule, *STAGE_PARAMETERS)

    def stages(self, values: Mapping[str, np.ndarray], count: int, strides: Sequence[int]) -> Stages:
        """The stages of n draws, all of which are valid."""
        n = len(values["depth"])
        depths, widths = (for_each_stage(values[name], (n, count)) for name in self.rule)
        return Stages(np.ones(n, bool), depths, widths, np.broadcast_to(np.array(strides, np.int64), (n, count)))


FAMILY = AnyNet()
