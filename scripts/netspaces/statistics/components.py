"""Variance components: how much of the differences between errors is architecture, budget, interaction and seed?

The same networks are trained for several numbers of epochs (budgets) with several seeds.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from netspaces.statistics.intervals import DEFAULT, Interval, Resampling
from netspaces.statistics.resampling import bootstrap_intervals

COMPONENTS = ("architecture", "architecture x budget", "seed", "seed x budget", "budget")
LARGEST_LEVEL = math.nextafter(1, 0)  # of the expanded interval of very few networks


@dataclass(frozen=True)
class Components:
    """Variances, in squared units of what was measured, and their shares of the sum; by name as in `COMPONENTS`."""

    variances: dict[str, Interval]
    shares: dict[str, Interval]
    n: int
    seeds: int


def components(values: np.ndarray, resampling: Resampling = DEFAULT) -> Components:
    """Variance components of n networks x b budgets x s seeds, by analysis of variance (method of moments).

    Networks are random, budgets fixed (these were chosen; their component is the variance of their means), seeds
    random within networks. A network keeps its seeds at all budgets, so seed noise has a part that budgets share
    ("seed": luck with the first weights) and one of each training ("seed x budget"). It is a split-plot design, whose
    mean squares have the expectations (Searle, Casella and McCulloch, "Variance Components", 1992, chapter 4)

        networks           e + s AB + b S + s b A     architecture A, architecture x budget AB,
        seeds in networks  e + b S                    seed S, seed x budget e
        networks x budgets e + s AB
        rest               e

    Negative estimates are set to zero. For balanced data with positive estimates this is REML. Intervals: percentile
    bootstrap over networks, its level raised for few networks (the "expanded" percentiles of T. C. Hesterberg, "What
    Teachers Should Know About the Bootstrap", The American Statistician 69, 2015).

    Parameters
    ----------
    values : (n, b, s) finite; two or more of each.

    Raises
    ------
    ValueError : for any other shape, or values that are not finite.
    """
    values = np.asarray(values, float)
    if values.ndim != 3 or min(values.shape) < 2 or not np.isfinite(values).all():
        raise ValueError(f"values: expected finite (networks, budgets, seeds), two of each, got {values.shape}")
    n, _, s = values.shape

    def statistic(counts: np.ndarray) -> tuple[np.ndarray, ...]:
        variances = np.maximum(_moments(values, counts), 0)
        total = variances.sum(0)
        shares = np.divide(variances, total, out=np.full_like(variances, np.nan), where=total > 0)
        return *variances, *shares

    expanded = 2 * stats.norm.cdf(np.sqrt(n / (n - 1)) * stats.t.ppf((1 + resampling.level) / 2, n - 1)) - 1
    plain = bootstrap_intervals(statistic, n, resampling.at(min(float(expanded), LARGEST_LEVEL)))
    intervals = [replace(interval, level=resampling.level) for interval in plain]
    variances = dict(zip(COMPONENTS, intervals, strict=False))
    shares = dict(zip(COMPONENTS, intervals[len(COMPONENTS) :], strict=True))
    return Components(variances=variances, shares=shares, n=n, seeds=s)


def _moments(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The five estimates, not yet cut off at zero, for each resample of networks: (5, r) of counts (r, n)."""
    n, (_, b, s) = counts.sum(1), values.shape
    of_network, of_cell, of_seed = values.mean((1, 2)), values.mean(2), values.mean(1)
    within_seed = b * ((of_seed - of_network[:, None]) ** 2).sum(1)
    rest = ((values - of_cell[:, :, None] - of_seed[:, None] + of_network[:, None, None]) ** 2).sum((1, 2))
    apart = of_cell - of_network[:, None]  # budgets within a network
    means = counts @ of_network / n
    budgets = counts @ apart / n[:, None]
    between = np.maximum(counts @ of_network**2 - n * means**2, 0)
    crossed = np.maximum(counts @ (apart**2).sum(1) - n * (budgets**2).sum(1), 0)
    square_network, square_cell = b * s * between / (n - 1), s * crossed / ((n - 1) * (b - 1))
    square_seed, square_rest = counts @ within_seed / (n * (s - 1)), counts @ rest / (n * (s - 1) * (b - 1))
    square_budget = n * s * (budgets**2).sum(1) / (b - 1)
    return np.array(
        [
            (square_network - square_cell - square_seed + square_rest) / (b * s),
            (square_cell - square_rest) / s,
            (square_seed - square_rest) / b,
            square_rest,
            (square_budget - square_cell) / (n * s),
        ]
    )
