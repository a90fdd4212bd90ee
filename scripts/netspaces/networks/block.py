"""What all blocks have in common: the parameters that they may have, and the rules for the values of these."""

import math
from collections.abc import Sequence
from typing import ClassVar

BLOCK_PARAMETERS = ("bottleneck", "group_width", "kernel", "se_ratio")
"""The parameters beside depth and width that a block may have."""


class Block:
    """A repeated unit of a network; a subclass says what it is made of, its only instance is the registry's entry."""

    name: ClassVar[str]
    description: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]]

    @property
    def lacks(self) -> tuple[str, ...]:
        """The parameters of a stage that this block does not have; a design space may state them all the same.

        The ratio of squeeze-and-excitation is none of them: a block without it accepts the ratio 0 only.
        """
        return tuple(name for name in BLOCK_PARAMETERS if name not in self.parameters and name != "se_ratio")

    def check_values(self, parameter: str, values: Sequence[float], whole: bool, is_range: bool) -> str:
        """What a design space's values of `bottleneck` or `se_ratio` should be, "" if this block takes them all.

        Parameters
        ----------
        values : all values of a choice, or both ends of a range.
        whole : whether all values, also those within a range, are whole numbers.
        is_range : whether `values` are the ends of a range.
        """
        if parameter == "se_ratio" and "se_ratio" in self.parameters:
            return "" if min(values) >= 0 else "at least 0"
        if parameter == "se_ratio":
            return f"0, block {self.name} has no squeeze-and-excitation" if any(values) else ""
        if is_range:
            return "" if whole and min(values) > 0 else "whole numbers above 0"
        return "" if all(map(is_whole_ratio, values)) else "whole numbers or one over a whole number"


def is_whole_ratio(bottleneck: float) -> bool:
    """Whether a bottleneck ratio is a whole number or one over a whole number."""
    ratio = max(bottleneck, 1 / bottleneck) if bottleneck > 0 else 0.0
    return ratio > 0 and math.isclose(ratio, round(ratio), rel_tol=1e-5)
