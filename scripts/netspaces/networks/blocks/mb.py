"""Block MB: EfficientNet's MBConv, the mobile inverted bottleneck."""

from collections.abc import Sequence

from netspaces.networks.block import Block, is_whole_ratio


class MBBlock(Block):
    """1x1 (absent if b is 1), depthwise k x k, squeeze-and-excitation (if any), linear 1x1, identity where it fits."""

    name = "mb"
    description = "EfficientNet's MBConv, a depthwise inverted bottleneck that is residual where the identity fits"
    parameters = ("bottleneck", "kernel", "se_ratio")

    def check_values(self, parameter: str, values: Sequence[float], whole: bool, is_range: bool) -> str:
        """As in `Block`, but a bottleneck is never above 1."""
        if parameter == "bottleneck":
            expands = not is_range and all(map(is_whole_ratio, values)) and max(values) <= 1
            return "" if expands else "1 or one over a whole number in block mb"
        return super().check_values(parameter, values, whole, is_range)


BLOCK = MBBlock()
