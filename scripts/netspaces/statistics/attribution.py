"""Attribution of variance: how much of the differences between errors each choice explains, and how sure that is.

`shares` divides R^2 among groups of columns that may depend on each other: a group's share is its gain in R^2, averaged
over all orders in which the groups may enter the model (Lindeman, Merenda and Gold 1980, "LMG"; Groemping 2007). That
is the Shapley value of the game whose worth is R^2 (Owen and Prieur 2017). Shares add up to R^2.

R^2 is above 0 even for a choice that does nothing; the adjusted R^2 used here is not, on average. Intervals resample
networks within strata (populations). What a choice explains beside all others says `anova`.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import factorial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from netspaces.statistics.intervals import DEFAULT, Resampling
from netspaces.statistics.regression import checked_columns, resampled_interval, residual_sums
from netspaces.statistics.samples import log_errors

MOST_GROUPS = 12  # 4,096 subsets


# ---- Columns ---------------------------------------------------------------------------------------------------------


def transformed(errors: ArrayLike, scale: str = "log") -> np.ndarray:
    """Errors (n,) on the scale that variance is attributed on: `log`, `rank` or `percent`.

    Errors are skewed and have a floor: on their own scale a few bad networks hold most of the variance. Logarithms make
    it a variance of ratios; errors of 0 count as half the smallest other. Ranks ignore by how much networks differ.
    """
    errors = np.asarray(errors, float)
    if scale == "rank":
        return rankdata(errors)
    if scale == "percent":
        return errors
    if scale != "log":
        raise ValueError(f"scale: got {scale!r}, expected log, rank or percent")
    return log_errors(errors, np.log)


def factor(values: ArrayLike) -> np.ndarray:
    """Columns (n, levels - 1) of a factor: effects that sum to 0 over the levels."""
    levels, codes = np.unique(np.asarray(values), return_inverse=True)
    return np.vstack([np.eye(len(levels) - 1), -np.ones(len(levels) - 1)])[codes.ravel()]


def polynomial(values: ArrayLike) -> np.ndarray:
    """Columns (n, 2) of a number: a line and a parabola. Networks without one (NaN) get 0, the mean of the others."""
    values = np.asarray(values, float)
    there = np.isfinite(values)
    columns = np.zeros((values.size, 2))
    if there.any() and np.ptp(values[there]):
        z = (values[there] - values[there].mean()) / values[there].std()
        columns[there] = np.column_stack([z, z**2 - 1])
    return _varying(columns)


def products(*factors: np.ndarray) -> np.ndarray:
    """Columns of the interaction of several factors, given by theirs: all products."""
    product = factors[0]
    for columns in factors[1:]:
        product = (product[:, :, None] * columns[:, None, :]).reshape(len(product), -1)
    return product


def _varying(columns: np.ndarray) -> np.ndarray:
    """Those columns that tell networks apart, without those that are the same line through the same few values."""
    kept = columns[:, np.ptp(columns, axis=0) > 1e-12]
    return kept[:, :1] if kept.shape[1] == 2 and np.linalg.matrix_rank(kept - kept.mean(0)) < 2 else kept


# ---- Shares of R^2 ---------------------------------------------------------------------------------------------------


def shares(
    groups: Mapping[str, ArrayLike],
    y: ArrayLike,
    strata: ArrayLike | None = None,
    sums: Mapping[str, Sequence[str]] | None = None,
    resampling: Resampling = DEFAULT,
) -> pd.DataFrame:
    """Each group's share of the variance of y, by Shapley values of the adjusted R^2.

    Parameters
    ----------
    groups : name -> columns (n, k) or (n,), numbers; at most 12 groups.
    y : (n,) finite.
    strata : (n,) labels; networks are resampled within equal ones.
    sums : name -> groups whose shares are added, for an interval of the sum.

    Returns
    -------
    A row per group, per sum and, last, `total` (adjusted R^2 of all): `group`, `columns`, `share`, `low`, `high`, `n`,
    `level`, `resamples`. Shares may be a little below 0.

    Raises
    ------
    ValueError : for no or too many groups, unequal lengths, values that are not finite, too few networks.
    """
    columns, y, strata = checked_columns(groups, y, strata)
    if len(columns) > MOST_GROUPS:
        raise ValueError(f"groups: expected at most {MOST_GROUPS}, got {len(columns)}")
    sizes = {name: part.shape[1] for name, part in columns.items()}
    added = {**(sums or {}), "total": list(columns)}
    of_groups = dict(zip(columns, shapley_weights(tuple(columns)), strict=True))
    nothing = np.zeros(2 ** len(columns))
    of_sums = [sum((of_groups[part] for part in parts), nothing) for parts in added.values()]
    weights = np.vstack([*of_groups.values(), *of_sums])

    def explained(gram: np.ndarray, corrected: bool) -> np.ndarray:
        return weights @ _worth(gram, sizes, y.size, adjusted=corrected)

    estimate, low, high = resampled_interval(columns, y, strata, explained, resampling)
    counts = [*sizes.values(), *(sum(sizes[part] for part in parts) for parts in added.values())]
    table = {"group": [*columns, *added], "columns": counts, "share": estimate, "low": low, "high": high}
    return pd.DataFrame(table).assign(n=y.size, level=resampling.level, resamples=resampling.resamples)


def subsets(names: tuple[str, ...]) -> list[frozenset[str]]:
    """All subsets of some names, in the order in which `regression.residual_sums` gives their models.

    >>> [sorted(subset) for subset in subsets(("a", "b"))]
    [[], ['b'], ['a'], ['a', 'b']]
    """
    if not names:
        return [frozenset()]
    without = subsets(names[1:])
    return [*without, *(subset | {names[0]} for subset in without)]


@cache
def shapley_weights(names: tuple[str, ...]) -> np.ndarray:
    """Weights (k, 2^k) that turn the worth of all `subsets` of k names into the Shapley value of each name.

    A name that joins s others, of k, does so in a share s! (k - s - 1)! / k! of all orders.
    """
    k = len(names)
    share = [factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)]
    return np.array(
        [
            [share[len(subset) - 1] if name in subset else -share[len(subset)] for subset in subsets(names)]
            for name in names
        ]
    )


def _worth(gram: np.ndarray, sizes: Mapping[str, int], n: int, adjusted: bool) -> np.ndarray:
    """R^2 of the models of all subsets of groups, (2^k, rows), adjusted for the number of columns or not."""
    residual = residual_sums(gram, list(sizes.values()))
    used = np.array([sum(sizes[name] for name in subset) for subset in subsets(tuple(sizes))])
    correction = (n - 1) / (n - 1 - used[:, None]) if adjusted else 1.0
    total = np.where(residual[0] > 0, residual[0], 1.0)  # of constant y nothing is explained
    return np.where(residual[0] > 0, 1 - correction * residual / total, 0.0)
