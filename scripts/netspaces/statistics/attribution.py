"""Attribution of variance: how much of the differences between errors each choice explains, and how sure that is.

Two questions, two measures, both of linear models and both corrected for what chance explains:

`shares` divides R^2 among groups of columns that may depend on each other: a group's share is its gain in R^2, averaged
over all orders in which the groups may enter the model (Lindeman, Merenda and Gold 1980, "LMG"; Groemping 2007). That
is the Shapley value of the game whose worth is R^2 (Owen and Prieur 2017). Shares add up to R^2.

`effects` is the analysis of variance of type II: what a term adds to all terms that do not contain it, as partial
eta^2 and omega^2, with the F test of statsmodels' `anova_lm`.

R^2 and eta^2 are above 0 even for a choice that does nothing; the adjusted R^2 and omega^2 used here
are not, on average. Intervals resample networks within strata (populations). A resample's estimate scatters around the
sample's uncorrected value as the sample's does around the truth: that scatter around the estimate is the interval.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from math import factorial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import f as f_distribution
from scipy.stats import rankdata

from netspaces.statistics.intervals import DEFAULT, Resampling, percentile_limits
from netspaces.statistics.resampling import drawn_counts, rows_at_once
from netspaces.statistics.samples import log_errors

RIDGE = 1e-10  # of a column's own square sum: columns that a resample makes dependent then explain nothing
TIMES = " × "  # between the factors of an interaction
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
    columns, y, strata = _checked(groups, y, strata)
    if len(columns) > MOST_GROUPS:
        raise ValueError(f"groups: expected at most {MOST_GROUPS}, got {len(columns)}")
    sizes = [part.shape[1] for part in columns.values()]
    names, added = list(columns), {**(sums or {}), "total": list(columns)}
    weights = np.vstack([_shapley(len(names)), np.zeros((len(added), 2 ** len(names)))])
    for row, parts in enumerate(added.values(), start=len(names)):
        weights[row] = weights[[names.index(part) for part in parts]].sum(0)
    corrected = lambda gram: weights @ _worth(gram, sizes, y.size, adjusted=True)
    raw = lambda gram: weights @ _worth(gram, sizes, y.size, adjusted=False)
    estimate, low, high = _interval(columns, y, strata, corrected, raw, resampling)
    counts = [*sizes, *(sum(sizes[names.index(part)] for part in parts) for parts in added.values())]
    table = {"group": [*names, *added], "columns": counts, "share": estimate, "low": low, "high": high}
    return pd.DataFrame(table).assign(n=y.size, level=resampling.level, resamples=resampling.resamples)


@cache
def _shapley(k: int) -> np.ndarray:
    """Weights (k, 2^k) that turn the worth of all subsets into Shapley values; group 0 is the highest bit."""
    subsets = np.arange(2**k)
    members = (subsets[:, None] >> np.arange(k)[::-1]) & 1  # (2^k, k)
    size = members.sum(1)
    chance = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) if s < k else 0.0 for s in range(k + 1)])
    joins, leaves = chance[size], chance[np.maximum(size - 1, 0)]
    return np.where(members.T == 1, leaves, -joins)


def _worth(gram: np.ndarray, sizes: Sequence[int], n: int, adjusted: bool) -> np.ndarray:
    """R^2 of the models of all subsets of groups, (2^k, resamples)."""
    residual = residual_sums(gram, sizes)
    used = np.zeros(1, int)
    for size in sizes[::-1]:
        used = np.concatenate([used, used + size])
    correction = (n - 1) / (n - 1 - used[:, None]) if adjusted else 1.0
    total = np.where(residual[0] > 0, residual[0], 1.0)  # of constant y nothing is explained
    return np.where(residual[0] > 0, 1 - correction * residual / total, 0.0)


def residual_sums(gram: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Residual sums of squares of the regressions of y on all subsets of groups, (2^k, ...), group 0 the highest bit.

    `gram` (..., p + 1, p + 1) holds the products of the columns, group after group, and last of y. Each group is either
    left out, or swept out of what remains: a tree with 2^k leaves whose matrices shrink on the way.
    """
    if not sizes:
        return gram[None, ..., 0, 0]
    size, rest = sizes[0], sizes[1:]
    return np.concatenate(
        [residual_sums(gram[..., size:, size:], rest), residual_sums(_swept(gram, size), rest)], axis=0
    )


def _swept(gram: np.ndarray, size: int) -> np.ndarray:
    """What the first columns leave unexplained of the products of the others."""
    if not size:
        return gram
    own, cross, other = gram[..., :size, :size], gram[..., :size, size:], gram[..., size:, size:]
    ridge = RIDGE * np.einsum("...ii->...i", own)[..., None] * np.eye(size) + 1e-300 * np.eye(size)
    if size == 1:
        return other - np.swapaxes(cross, -1, -2) @ cross / (own + ridge)
    return other - np.swapaxes(cross, -1, -2) @ np.linalg.solve(own + ridge, cross)


# ---- Analysis of variance --------------------------------------------------------------------------------------------


def factorial_terms(factors: Mapping[str, ArrayLike], order: int = 2) -> dict[str, np.ndarray]:
    """Columns of all main effects and, from order 2 on, of the interactions of two factors."""
    main = {name: factor(values) for name, values in factors.items()}
    names, terms = list(main), dict(main)
    for i, one in enumerate(names if order > 1 else ()):
        terms |= {f"{one}{TIMES}{other}": products(main[one], main[other]) for other in names[i + 1 :]}
    return terms


def effects(
    terms: Mapping[str, ArrayLike],
    y: ArrayLike,
    strata: ArrayLike | None = None,
    resampling: Resampling = DEFAULT,
) -> pd.DataFrame:
    """Analysis of variance, type II: what each term explains beside all terms that do not contain it.

    Parameters
    ----------
    terms : name -> columns (n, k); "a × b" contains a and b. Without interactions, each is given all others, and
        `partial_r2` is the squared partial correlation.
    y, strata : as for `shares`.

    Returns
    -------
    A row per term: `term`, `df`, `sum_of_squares`, `f`, `p` (F test), `partial_r2` (eta^2), `omega2` with its interval
    `low`, `high`, `n`, `df_residual`, `level`, `resamples`.
    """
    columns, y, strata = _checked(terms, y, strata)
    names, sizes = list(columns), [part.shape[1] for part in columns.values()]
    left = y.size - 1 - sum(sizes)
    corrected = lambda gram: _partial(gram, names, sizes, y.size)[1]
    raw = lambda gram: _partial(gram, names, sizes, y.size)[0]
    estimate, low, high = _interval(columns, y, strata, corrected, raw, resampling)
    (gram,) = _grams(columns, y, np.ones((1, y.size)))
    eta2, _, squares, residual = (part[..., 0] for part in _partial(gram, names, sizes, y.size))
    with np.errstate(divide="ignore", invalid="ignore"):
        f = squares / np.array(sizes) / (residual / left)
    p = f_distribution.sf(f, sizes, left)
    table = {"term": names, "df": sizes, "sum_of_squares": squares, "f": f, "p": p, "partial_r2": eta2}
    table |= {"omega2": estimate, "low": low, "high": high}
    return pd.DataFrame(table).assign(
        n=y.size, df_residual=left, level=resampling.level, resamples=resampling.resamples
    )


def _partial(gram: np.ndarray, names: Sequence[str], sizes: Sequence[int], n: int) -> tuple[np.ndarray, ...]:
    """(partial eta^2, partial omega^2, sums of squares) of the terms, (k, ...), and the residual sum of squares."""
    places = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    left = n - 1 - sum(sizes)
    residual = _residual(gram, range(sum(sizes)))
    known: dict[tuple, np.ndarray] = {}

    def of(members: Sequence[int]) -> np.ndarray:
        chosen = tuple(np.concatenate([places[i] for i in members]).tolist()) if members else ()
        if chosen not in known:
            known[chosen] = _residual(gram, chosen)
        return known[chosen]

    squares = []
    for i, name in enumerate(names):
        others = [j for j, other in enumerate(names) if not _contains(other, name)]
        squares.append(of(others) - of(sorted([*others, i])))
    squares = np.maximum(np.array(squares), 0)
    error, df = residual / left, np.reshape(sizes, (-1, *[1] * residual.ndim))
    with np.errstate(divide="ignore", invalid="ignore"):
        eta2, omega2 = squares / (squares + residual), (squares - df * error) / (squares + (n - df) * error)
    return np.nan_to_num(eta2), np.nan_to_num(omega2), squares, residual


def _contains(term: str, other: str) -> bool:
    return set(other.split(TIMES)) <= set(term.split(TIMES))


def _residual(gram: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
    """Residual sum of squares of y on some columns."""
    index = np.array([*chosen, gram.shape[-1] - 1])
    return _swept(gram[..., index[:, None], index], len(chosen))[..., 0, 0]


# ---- Resampling ------------------------------------------------------------------------------------------------------


def _interval(
    columns: Mapping[str, np.ndarray],
    y: np.ndarray,
    strata: np.ndarray,
    corrected: Callable[[np.ndarray], np.ndarray],
    raw: Callable[[np.ndarray], np.ndarray],
    resampling: Resampling,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates (k,) with limits: quantiles of the resamples' deviations from the sample's uncorrected values."""
    (whole,) = _grams(columns, y, np.ones((1, y.size)))
    estimate, plain = corrected(whole)[..., 0], raw(whole)[..., 0]
    rng = resampling.generator()
    chunks = _counts(strata, resampling.resamples, rng)
    resampled = [corrected(gram) for counts in chunks for gram in _grams(columns, y, counts)]
    deviations = np.concatenate(resampled, axis=-1) - plain[:, None]
    low, high = percentile_limits(deviations, resampling.level)
    return estimate, estimate + low, estimate + high


def _counts(strata: np.ndarray, resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """How often each network is drawn, (rows, n): as many draws within each stratum as it has networks."""
    _, codes = np.unique(strata, return_inverse=True)
    rows = rows_at_once(8 * codes.size)
    for start in range(0, resamples, rows):
        counts = np.empty((min(rows, resamples - start), codes.size))
        for stratum in range(codes.max() + 1):
            members = np.flatnonzero(codes == stratum)
            counts[:, members] = drawn_counts(members.size, len(counts), rng)
        yield counts


def _grams(columns: Mapping[str, np.ndarray], y: np.ndarray, counts: np.ndarray) -> Iterator[np.ndarray]:
    """Products of all columns and y about their means, (rows, p + 1, p + 1), per resample, in chunks."""
    whole = np.column_stack([np.ones(y.size), *columns.values(), y - y.mean()])
    q = whole.shape[1]
    products = (whole[:, :, None] * whole[:, None, :]).reshape(y.size, -1)
    rows = rows_at_once(4 * q * q)
    for start in range(0, len(counts), rows):
        yield _swept((counts[start : start + rows] @ products).reshape(-1, q, q), 1)


def _checked(
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
