"""Family geometric: the width of each stage is that of the stage before times a factor.

An example of a family outside the library: docs/how-to/own_block.md#a-family-of-your-own. With the factor 2 it is the
rule of ResNet; the paper's RegNet grows widths linearly instead.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from netspaces.spaces.family import Family, Stages, for_each_stage

MULTIPLE = 8


class Geometric(Family):
    """Stage i, from 0, has the width w_0 * growth^i, rounded to a multiple of 8; depths are drawn for each stage."""

    description = "The width of each stage is that of the stage before times a factor; depths are free."
    rule = ("depth", "w_0", "growth")
    per_stage = ("depth",)
    recorded = ("w_0", "growth")
    restriction = "geometric"

    def stages(self, values: Mapping[str, np.ndarray], count: int, strides: Sequence[int]) -> Stages:
        """The stages of n draws, all of which are valid."""
        n = len(values["w_0"])
        widths = values["w_0"][:, None] * values["growth"][:, None] ** np.arange(count)
        rounded = MULTIPLE * np.maximum(np.rint(widths / MULTIPLE), 1).astype(np.int64)
        depths = for_each_stage(values["depth"], (n, count))
        return Stages(np.ones(n, bool), depths, rounded, np.broadcast_to(np.array(strides, np.int64), (n, count)))


FAMILY = Geometric()
