"""Rules that turn a few parameters into the widths of all blocks: RegNet's quantised linear one, and its rival.

RegNet's rule makes (d, w_0, w_a, w_m) into stages (`quantised_linear`, paper eq. 2-4); `unquantised_linear` leaves out
the quantisation and has no stages of one width.
"""

from collections.abc import Sequence

import numpy as np

from netspaces.networks.architecture import Architecture
from netspaces.networks.compatibility import make_compatible
from netspaces.networks.numbers import whole_number


def quantised_linear(
    depth: np.ndarray, w_0: np.ndarray, w_a: np.ndarray, w_m: np.ndarray, stages: int, step: int = 8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """RegNet's quantised linear widths (paper eq. 2-4): u_j = w_0 + w_a j, s_j = log(u_j/w_0)/log(w_m), j < depth.

    Block j gets the width w_0 w_m^round(s_j), rounded to a multiple of `step` channels; blocks of equal width are a
    stage. A parameter set is valid if that gives exactly `stages` widths with no exponent skipped (as the peer's code
    requires; the paper asks for four stages).

    Parameters: arrays of shape (n,). Returns (valid (n,), depths (n, stages), widths (n, stages)); rows that are not
    valid are zero.
    """
    n = len(depth)
    depths, widths = np.zeros((n, stages), np.int64), np.zeros((n, stages), np.int64)
    # written as the authors do: the same rounding errors send the same ties the same way
    largest = np.rint(np.log((w_0 + w_a * (depth - 1)) / w_0) / np.log(w_m))
    rows = np.flatnonzero(largest == stages - 1)  # the cheap test first: it rejects three draws of four
    if not len(rows):
        return np.zeros(n, bool), depths, widths
    d, base, slope, factor = (x[rows] for x in (depth, w_0, w_a, w_m))
    depths[rows] = _counts(d, base, slope, factor, stages)
    widths[rows] = step * np.rint(base[:, None] * factor[:, None] ** np.arange(stages) / step)
    rules = ((depths > 0).all(axis=1), (widths > 0).all(axis=1), (np.diff(widths, axis=1) > 0).all(axis=1))
    valid = np.logical_and.reduce(rules)
    depths[~valid], widths[~valid] = 0, 0
    return valid, depths, widths


def _counts(depth: np.ndarray, w_0: np.ndarray, w_a: np.ndarray, w_m: np.ndarray, levels: int) -> np.ndarray:
    """How many blocks have each exponent: (n, levels). All blocks of all rows are one array, which holds no others."""
    blocks = np.ceil(depth).astype(np.int64)
    row = np.repeat(np.arange(len(blocks)), blocks)
    j = np.arange(len(row)) - np.repeat(np.cumsum(blocks) - blocks, blocks)
    base = w_0[row]
    exponents = np.rint(np.log((base + w_a[row] * j) / base) / np.log(w_m)[row])
    column = np.minimum(exponents, levels).astype(np.int64)  # the last one takes those beyond, of which there are none
    counts = np.bincount(row * (levels + 1) + column, minlength=len(depth) * (levels + 1))
    return counts.reshape(len(depth), levels + 1)[:, :levels]


def unquantised_linear(
    depths: np.ndarray, strides: Sequence[int], w_0: np.ndarray, w_a: np.ndarray, step: int = 8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The widths that `quantised_linear` quantises: block j has u_j = w_0 + w_a j, rounded to a multiple of `step`.

    Every block becomes a stage of its own; the resolution falls where it falls in RegNet's stages.

    Parameters: RegNet's depths (n, stages) and strides of stages, w_0 and w_a (n,). Returns depths (1 for a block that
    exists), widths and strides, (n, largest number of blocks), zero beyond a network's last block.
    """
    total = depths.sum(axis=1, keepdims=True)
    j = np.arange(total.max(initial=0))
    present = (j < total).astype(np.int64)
    widths = present * step * np.maximum(1, np.rint((w_0[:, None] + w_a[:, None] * j) / step)).astype(np.int64)
    starts = np.cumsum(depths, axis=1) - depths
    block_strides = present.copy()
    np.put_along_axis(block_strides, starts, np.broadcast_to(strides, depths.shape), axis=1)
    return present, widths, block_strides


def regnet(
    depth: int, w_0: int, w_a: float, w_m: float, group_width: int, se_ratio: float = 0.0, stages: int = 4
) -> Architecture:
    """One RegNetX (or, with an SE ratio, RegNetY) of the paper's ImageNet skeleton; raises ValueError if not valid.

    Examples
    --------
    >>> import netspaces
    >>> netspaces.regnet(22, 24, 24.48, 2.54, group_width=16).widths  # RegNetX-400MF
    (32, 64, 160, 384)
    """
    depth, w_0, stages = (
        whole_number(f"RegNet: {n}", v, 1) for n, v in (("d", depth), ("w_0", w_0), ("stages", stages))
    )
    group_width = whole_number("RegNet: group_width", group_width, 1)
    valid, depths, widths = quantised_linear(
        np.array([depth]), np.array([w_0]), np.array([w_a]), np.array([w_m]), stages
    )
    if not valid[0]:
        raise ValueError(f"RegNet: d={depth}, w_0={w_0}, w_a={w_a}, w_m={w_m} does not give {stages} stages")
    ones = np.ones_like(widths)
    widths, bottlenecks, groups = make_compatible(widths, ones.astype(float), ones * group_width)
    return Architecture(
        block="x",
        stem="simple",
        stem_width=32,
        resolution=224,
        se_ratio=se_ratio,
        depths=tuple(depths[0].tolist()),
        widths=tuple(widths[0].tolist()),
        bottlenecks=tuple(bottlenecks[0].tolist()),
        group_widths=tuple(groups[0].tolist()),
        strides=(2,) * stages,
    )
