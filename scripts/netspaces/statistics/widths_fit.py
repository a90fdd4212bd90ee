"""The best quantised linear fit of a network and its error e_fit.

"Designing Network Design Spaces" (arXiv 2003.13678), section 3.3, describes the widths of a network
of d blocks by three numbers: u_j = w_0 + w_a j for 0 <= j < d (eq. 2), s_j with u_j = w_0 w_m^s_j
(eq. 3), and block widths w_j = w_0 w_m^round(s_j) (eq. 4), so that stage i holds the blocks with
round(s_j) = i. A network is fitted by grid search over (w_0, w_a, w_m) at its own depth d, and
e_fit is the mean log-ratio of fitted to observed block widths.

What "mean log-ratio" means is inferred: the mean *squared* log2 ratio over fits with the network's
number of stages, none of them empty, has both triples that Fig. 8 prints among its minimisers; the
mean absolute one does not. The latter is kept as the loss "absolute".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from netspaces.statistics.resampling import rows_at_once

Loss = Literal["squared", "absolute"]

TIE = 1e-9  # losses closer than this are equal: far above rounding, far below real differences


@dataclass(frozen=True)
class FitGrid:
    """Values tried for each parameter, by default those that reproduce the fits of Fig. 8.

    `w_0` and `w_a` are in channels, `w_m` is a ratio > 1.
    """

    w_0: tuple[float, ...] = tuple(range(8, 257, 8))
    w_a: tuple[float, ...] = tuple(range(1, 257))
    w_m: tuple[float, ...] = tuple(i / 10 for i in range(15, 31))

    def __post_init__(self) -> None:
        """Check that logarithms of all values exist."""
        for name, above in (("w_0", 0), ("w_a", 0), ("w_m", 1)):
            values = getattr(self, name)
            if not values or not all(above < value < np.inf for value in values):
                raise ValueError(f"{name}: expected finite values above {above}, got {values}")

    def scaled(self, factor: float) -> "FitGrid":
        """Grid for networks whose widths are `factor` times as large, with the same e_fit.

        The default grid is for widths up to 1024, so that 1/8 serves widths up to 128.
        """
        w_0, w_a = (tuple(factor * value for value in values) for values in (self.w_0, self.w_a))
        return FitGrid(w_0, w_a, self.w_m)

    def points(self) -> np.ndarray:
        """All grid points (k, 3), columns w_0, w_a, w_m, in lexicographic order."""
        axes = np.meshgrid(self.w_0, self.w_a, self.w_m, indexing="ij")
        return np.stack(axes, axis=-1).reshape(-1, 3)


PAPER_GRID = FitGrid()


def grid_for(definitions: Mapping[str, Mapping], tables: Iterable[pd.DataFrame]) -> FitGrid:
    """The paper's grid, scaled to the largest width of the design spaces (of the networks, were they not declared)."""
    declared = [definition.get("parameters", {}).get("width") for definition in definitions.values()]
    bounds = [width["high"] for width in declared if isinstance(width, dict) and "high" in width]
    stages = (table.filter(regex=r"^width_\d+$") for table in tables)
    widths = bounds or [columns.max(axis=None) for columns in stages if columns.size]
    return PAPER_GRID.scaled(float(max(widths, default=1024)) / 1024)


@dataclass(frozen=True, eq=False)
class WidthsFit:
    """Best quantised linear fit of a network of d blocks; all NaN where there is none.

    Attributes
    ----------
    w_0, w_a : initial width and slope, channels (per block).
    w_m : ratio of the widths of successive stages.
    e_fit : mean over blocks of the squared or absolute log2 ratio of fitted to observed widths.
    linear : (d,) u_j, channels.
    quantised : (d,) w_j, channels, not rounded.
    minimisers : (k, 3) all equally good grid points, columns w_0, w_a, w_m, of which the first is the fit.
    reason : why there is no fit; empty if there is one.
    """

    w_0: float
    w_a: float
    w_m: float
    e_fit: float
    linear: np.ndarray
    quantised: np.ndarray
    minimisers: np.ndarray
    reason: str = ""


def fit_table(
    depths: ArrayLike,
    widths: ArrayLike,
    grid: FitGrid = PAPER_GRID,
    loss: Loss = "squared",
    stages: int | None = None,
) -> list[WidthsFit]:
    """Best quantised linear fit of every network of a table, in the order of its rows.

    Of equally good grid points the first in the order of (w_0, w_a, w_m) is taken. Such points
    quantise to the same widths but for rare coincidences.

    Parameters
    ----------
    depths : (n, S) blocks per stage, whole numbers; 0 marks a stage that a network does not have.
    widths : (n, S) channels per stage, positive; ignored where the depth is 0.
    grid : points to try.
    loss : "squared" for the mean squared, "absolute" for the mean absolute log2 ratio.
    stages : number of stages of the fits; by default that of each network.

    Raises
    ------
    ValueError : shapes that differ, depths or widths out of range, no such loss.
    """
    best = _search(depths, widths, grid, loss, stages)
    return [_describe(network, points, loss) for network, points in best]


class _Network(NamedTuple):
    observed: np.ndarray  # (d,) log2 of the width of each block
    stages: int  # wanted of the fit


def _search(
    depths: ArrayLike, widths: ArrayLike, grid: FitGrid, loss: Loss, stages: int | None
) -> list[tuple[_Network, np.ndarray]]:
    """Every network with its best grid points (k, 3), which are found for equal depths at once."""
    if loss not in LOSSES:
        raise ValueError(f"loss: expected one of {', '.join(LOSSES)}, got {loss!r}")
    networks = _networks(depths, widths, stages)
    alike = defaultdict(list)
    for row, network in enumerate(networks):
        alike[network.observed.size, network.stages].append(row)
    best: list[np.ndarray] = [np.empty((0, 3))] * len(networks)
    for (depth, fit_stages), rows in alike.items():
        points, predicted = _candidates(grid, depth, fit_stages)
        if not len(points):
            continue
        at_once = rows_at_once(2 * len(points))
        for chunk in (rows[i : i + at_once] for i in range(0, len(rows), at_once)):
            observed = np.stack([networks[row].observed for row in chunk])
            losses = LOSSES[loss](predicted, observed)
            for row, of_network in zip(chunk, losses.T, strict=True):
                best[row] = points[of_network <= of_network.min() + TIE]
    return list(zip(networks, best, strict=True))


def _networks(depths: ArrayLike, widths: ArrayLike, stages: int | None) -> list[_Network]:
    depths, widths = np.asarray(depths, dtype=float), np.asarray(widths, dtype=float)
    if depths.ndim != 2 or depths.shape != widths.shape:
        raise ValueError(f"depths, widths: expected two tables of one shape, got {depths.shape}, {widths.shape}")
    present = depths > 0
    if not np.all((depths >= 0) & (depths % 1 == 0)) or not present.any(axis=1).all():
        raise ValueError("depths: expected whole numbers >= 0, one of them > 0 in every row")
    if not np.all(np.isfinite(widths[present]) & (widths[present] > 0)):
        raise ValueError("widths: expected finite numbers > 0 in every stage")
    return [
        _Network(np.repeat(np.log2(w[has]), d[has].astype(int)), stages or int(has.sum()))
        for d, w, has in zip(depths, widths, present, strict=True)
    ]


def _squared(predicted: np.ndarray, observed: np.ndarray) -> np.ndarray:
    # (p - o)^2 = p^2 - 2 p o + o^2, so that a matrix product does the work
    squares = np.square(predicted).sum(axis=1)[:, None] + np.square(observed).sum(axis=1)
    return (squares - 2 * predicted @ observed.T) / observed.shape[1]


def _absolute(predicted: np.ndarray, observed: np.ndarray) -> np.ndarray:
    return np.stack([np.abs(predicted - network).mean(axis=1) for network in observed], axis=1)


# loss (k, n) of fits (k, d) for networks (n, d), both as log2 widths of blocks
LOSSES = {"squared": _squared, "absolute": _absolute}


def _candidates(grid: FitGrid, depth: int, stages: int) -> tuple[np.ndarray, np.ndarray]:
    """Grid points (k, 3) that have all of `stages` stages at `depth`; their log2 widths (k, d)."""
    # s_j does not depend on d, so one table, in steps of 32 blocks, serves networks of all depths
    exponents = _exponent_table(grid, -(-depth // 32) * 32)[:depth]
    chosen = np.flatnonzero(exponents[-1] == stages - 1)
    exponents = exponents[:, chosen]
    unbroken = (np.diff(exponents, axis=0) <= 1).all(axis=0)
    points = grid.points()[chosen[unbroken]]
    log_w_0, _, log_w_m = np.log2(points).T
    return points, log_w_0[:, None] + exponents[:, unbroken].T * log_w_m[:, None]


@lru_cache(maxsize=4)
def _exponent_table(grid: FitGrid, depth: int) -> np.ndarray:
    """round(s_j) of all grid points, (depth, points)."""
    w_0, w_a, w_m = grid.points().T
    return np.stack([_exponents(w_0, w_a, w_m, j).astype(np.int16) for j in range(depth)])


def _exponents(
    w_0: float | np.ndarray, w_a: float | np.ndarray, w_m: float | np.ndarray, j: int | np.ndarray
) -> np.ndarray:
    return np.rint(np.log2(1 + w_a / w_0 * j) / np.log2(w_m))


def _describe(network: _Network, points: np.ndarray, loss: Loss) -> WidthsFit:
    blocks = np.arange(network.observed.size)
    if not len(points):
        reason = f"no grid point has {network.stages} stages at depth {blocks.size}"
        nothing = np.full(blocks.size, np.nan)
        return WidthsFit(
            w_0=np.nan,
            w_a=np.nan,
            w_m=np.nan,
            e_fit=np.nan,
            linear=nothing,
            quantised=nothing,
            minimisers=points,
            reason=reason,
        )
    w_0, w_a, w_m = map(float, points[0])
    quantised = w_0 * w_m ** _exponents(w_0, w_a, w_m, blocks)
    e_fit = LOSSES[loss](np.log2(quantised)[None], network.observed[None]).item()
    return WidthsFit(
        w_0=w_0,
        w_a=w_a,
        w_m=w_m,
        e_fit=max(e_fit, 0.0),
        linear=w_0 + w_a * blocks,
        quantised=quantised,
        minimisers=points,
    )
