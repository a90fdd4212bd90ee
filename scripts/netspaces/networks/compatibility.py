"""Compatibility of widths and groups (paper appendix D): the groups of a convolution must divide its width.

A block says which rule its widths follow (`Block.compatible`); the arithmetic that blocks share is here.
"""

import numpy as np

from netspaces.networks.blocks import BLOCKS

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def make_compatible(widths: np.ndarray, bottlenecks: np.ndarray, group_widths: np.ndarray, block: str = "x") -> Arrays:
    """Adjust widths and group widths so that a block of these numbers can be built.

    Parameters: arrays of one shape, widths in channels, bottlenecks whole numbers or one over a whole number. Returns
    (widths, bottlenecks, group_widths), 0.333333 being exactly 1/3; raises ValueError for any other bottleneck.
    """
    return BLOCKS[block].compatible(widths, bottlenecks, group_widths)


def whole_ratios(bottlenecks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each bottleneck ratio as a fraction of two whole numbers, of which at least one is 1.

    Returns (reductions, expansions), int64; raises ValueError for a ratio that is, but for rounding, neither a whole
    number nor one over a whole number.
    """
    inverse = 1 / bottlenecks
    ratios = np.maximum(bottlenecks, inverse)
    whole = np.rint(ratios)
    irregular = ~(np.abs(ratios - whole) <= 1e-8 + 1e-5 * whole)
    if irregular.any():
        wrong = np.asarray(bottlenecks)[irregular][0]
        raise ValueError(f"bottleneck: {wrong:g} is neither a whole number nor one over a whole number")
    reductions, expansions = np.maximum(np.rint(bottlenecks), 1), np.maximum(np.rint(inverse), 1)
    return reductions.astype(np.int64), expansions.astype(np.int64)


def exact_ratios(bottlenecks: np.ndarray) -> np.ndarray:
    """The bottleneck ratios that rounded ones stand for; raises ValueError as `whole_ratios` does."""
    reductions, expansions = whole_ratios(bottlenecks)
    return reductions / expansions


def fit_groups(widths: np.ndarray, bottlenecks: np.ndarray, group_widths: np.ndarray) -> Arrays:
    """Widths and group widths such that the groups divide the bottleneck width.

    The group width is capped at the bottleneck width, which is then rounded (half to even) to a multiple of it, and the
    block width follows; a width that b divides moves by at most a third. For an inverted bottleneck the bottleneck
    width is rounded to a multiple of both the group width and the expansion 1/b (and if even one such multiple exceeds
    it, the width moves further).
    """
    reductions, expansions = whole_ratios(bottlenecks)
    bottleneck_widths = np.maximum(widths * expansions // reductions, 1)
    group_widths = np.minimum(group_widths, bottleneck_widths)
    multiples = np.lcm(group_widths, expansions) if (expansions > 1).any() else group_widths
    rounded = multiples * np.rint(bottleneck_widths / multiples).astype(np.int64)
    bottleneck_widths = np.maximum(multiples, rounded)
    return bottleneck_widths * reductions // expansions, reductions / expansions, group_widths


def fit_one_group(widths: np.ndarray, bottlenecks: np.ndarray) -> Arrays:
    """Widths that the bottleneck ratio divides, and one group as wide as the bottleneck."""
    reductions, expansions = whole_ratios(bottlenecks)
    bottleneck_widths = np.maximum(widths * expansions // reductions, 1)
    return bottleneck_widths * reductions // expansions, reductions / expansions, bottleneck_widths
