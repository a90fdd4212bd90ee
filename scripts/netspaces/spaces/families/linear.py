"""RegNet without quantisation: each block has the linear rule's own width, instead of the paper's equations 3 and 4."""

from collections.abc import Mapping, Sequence

import numpy as np

from netspaces.networks.widths import unquantised_linear
from netspaces.spaces.families.regnet import RegNet
from netspaces.spaces.family import Stages


class Linear(RegNet):
    """Every block is a stage. Draws that are valid in RegNet are valid here, with the strides where they lie there."""

    description = "As regnet, but each block has a width of its own, that of the linear rule before quantisation."
    restriction = "linear"

    def stages(self, values: Mapping[str, np.ndarray], count: int, strides: Sequence[int]) -> Stages:
        """The stages of n draws, as many as the deepest network has blocks."""
        quantised = super().stages(values, count, strides)
        w_0, w_a = (values[name][quantised.valid] for name in ("w_0", "w_a"))
        return Stages(quantised.valid, *unquantised_linear(quantised.depths, strides, w_0, w_a))


FAMILY = Linear()
