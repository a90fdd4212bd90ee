"""Linear models of resampled networks, from the products of their columns.

A resample changes only how often each network counts, and all that least squares needs of it are sums of products. So
thousands of resamples are fitted at once, without building their tables of columns.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.intervals import Resampling, percentile_limits
from netspaces.statistics.resampling import drawn_counts, rows_at_once

RIDGE = 1e-10  # of a column's own square sum: columns that a resample makes dependent then explain nothing


def checked_columns(
    groups: Mapping[str, ArrayLike], y: ArrayLike, strata: ArrayLike | None
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Columns in units of their deviation, y and strata; raises ValueError naming what is wrong."""
    y = np.asarray(y, float)
    if not groups:
        raise ValueError("groups: expected at least one")
    columns = {}
    for name, values in groups.items():
        values = np.asarray(values, float)
        values = values[:, None] if values.ndim == 1 else values
        if values.shape[0] != y.size or not np.isfinite(values).all():
            raise ValueError(f"{name}: expected {y.size} finite rows, got shape {values.shape}")
        centred = values - values.mean(0) if len(values) else values
        spread = centred.std(0) if len(values) else np.ones(values.shape[1])
        columns[name] = centred / np.where(spread > 0, spread, 1)
    used = sum(part.shape[1] for part in columns.values())
    if y.ndim != 1 or not np.isfinite(y).all() or y.size < used + 3:
        raise ValueError(f"y: expected {used + 3} or more finite numbers for {used} columns, got shape {y.shape}")
    strata = np.zeros(y.size, int) if strata is None else np.asarray(strata)
    if strata.shape != y.shape:
        raise ValueError(f"strata: expected a label per network ({y.size}), got shape {strata.shape}")
    return columns, y, strata


# ---- Least squares from products -------------------------------------------------------------------------------------


def products_of(columns: Mapping[str, np.ndarray], y: np.ndarray, counts: np.ndarray) -> Iterator[np.ndarray]:
    """Products of all columns and y about their means, (rows, p + 1, p + 1), per resample, in chunks."""
    whole = np.column_stack([np.ones(y.size), *columns.values(), y - y.mean()])
    q = whole.shape[1]
    products = (whole[:, :, None] * whole[:, None, :]).reshape(y.size, -1)
    rows = rows_at_once(4 * q * q)
    for start in range(0, len(counts), rows):
        yield swept((counts[start : start + rows] @ products).reshape(-1, q, q), 1)


def residual_sums(gram: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Residual sums of squares of the regressions of y on all subsets of groups, (2^k, ...), group 0 the highest bit.

    `gram` (..., p + 1, p + 1) holds the products of the columns, group after group, and last of y. Each group is either
    left out, or swept out of what remains: a tree with 2^k leaves whose matrices shrink on the way.
    """
    if not sizes:
        return gram[None, ..., 0, 0]
    size, rest = sizes[0], sizes[1:]
    return np.concatenate(
        [residual_sums(gram[..., size:, size:], rest), residual_sums(swept(gram, size), rest)], axis=0
    )


def swept(gram: np.ndarray, size: int) -> np.ndarray:
    """What the first columns leave unexplained of the products of the others."""
    if not size:
        return gram
    own, cross, other = gram[..., :size, :size], gram[..., :size, size:], gram[..., size:, size:]
    ridge = RIDGE * np.einsum("...ii->...i", own)[..., None] * np.eye(size) + 1e-300 * np.eye(size)
    if size == 1:
        return other - np.swapaxes(cross, -1, -2) @ cross / (own + ridge)
    return other - np.swapaxes(cross, -1, -2) @ np.linalg.solve(own + ridge, cross)


def residual_sum(gram: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
    """Residual sum of squares (...,) of the regression of y on some columns, by their places."""
    index = np.array([*chosen, gram.shape[-1] - 1])
    return swept(gram[..., index[:, None], index], len(chosen))[..., 0, 0]


# ---- Intervals -------------------------------------------------------------------------------------------------------


def resampled_interval(
    columns: Mapping[str, np.ndarray],
    y: np.ndarray,
    strata: np.ndarray,
    statistic: Callable[[np.ndarray, bool], np.ndarray],
    resampling: Resampling,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates (k,) with lower and upper limits, by resampling networks within strata.

    A resample's estimate scatters around the sample's uncorrected value as the sample's does around the truth: the
    limits are quantiles of the resamples' deviations from the sample's uncorrected values.

    Parameters
    ----------
    statistic : takes products (rows, p + 1, p + 1) and whether to correct for chance, and gives values (k, rows).
    """
    (whole,) = products_of(columns, y, np.ones((1, y.size)))
    estimate, uncorrected = statistic(whole, True)[..., 0], statistic(whole, False)[..., 0]
    chunks = counts_within(strata, resampling.resamples, resampling.generator())
    resampled = [statistic(gram, True) for counts in chunks for gram in products_of(columns, y, counts)]
    deviations = np.concatenate(resampled, axis=-1) - uncorrected[:, None]
    low, high = percentile_limits(deviations, resampling.level)
    return estimate, estimate + low, estimate + high


def counts_within(strata: np.ndarray, resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """How often each network is drawn, (rows, n): as many draws within each stratum as it has networks."""
    _, codes = np.unique(strata, return_inverse=True)
    rows = rows_at_once(8 * codes.size)
    for start in range(0, resamples, rows):
        counts = np.empty((min(rows, resamples - start), codes.size))
        for stratum in range(codes.max() + 1):
            members = np.flatnonzero(codes == stratum)
            counts[:, members] = drawn_counts(members.size, len(counts), rng)
        yield counts
