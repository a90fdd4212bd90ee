"""Analysis of variance: what each choice explains beside all choices that do not contain it, and how sure that is.

The type II analysis of variance of linear models, as partial eta^2 and omega^2, with the F test of statsmodels'
`anova_lm`. Eta^2 is above 0 even for a choice that does nothing; omega^2 is not, on average. Intervals resample
networks within strata (populations).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import f as f_distribution

from netspaces.statistics.attribution import factor, products
from netspaces.statistics.intervals import DEFAULT, Resampling
from netspaces.statistics.regression import checked_columns, products_of, resampled_interval, residual_sum

TIMES = " × "  # between the factors of an interaction


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
    columns, y, strata = checked_columns(terms, y, strata)
    names, sizes = list(columns), [part.shape[1] for part in columns.values()]
    left = y.size - 1 - sum(sizes)

    def explained(gram: np.ndarray, corrected: bool) -> np.ndarray:
        eta2, omega2, _, _ = _partial(gram, names, sizes, y.size)
        return omega2 if corrected else eta2

    estimate, low, high = resampled_interval(columns, y, strata, explained, resampling)
    (gram,) = products_of(columns, y, np.ones((1, y.size)))
    eta2, _, squares, residual = (values[..., 0] for values in _partial(gram, names, sizes, y.size))
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
    residual = residual_sum(gram, range(sum(sizes)))
    sums: dict[tuple[int, ...], np.ndarray] = {}

    def residual_of(terms: Sequence[int]) -> np.ndarray:
        chosen = tuple(place for term in terms for place in places[term].tolist())
        if chosen not in sums:
            sums[chosen] = residual_sum(gram, chosen)
        return sums[chosen]

    gains = []
    for i, name in enumerate(names):
        others = [j for j, other in enumerate(names) if not _contains(other, name)]
        gains.append(residual_of(others) - residual_of(sorted([*others, i])))
    squares = np.maximum(np.array(gains), 0)
    error, df = residual / left, np.reshape(sizes, (-1, *[1] * residual.ndim))
    with np.errstate(divide="ignore", invalid="ignore"):
        eta2, omega2 = squares / (squares + residual), (squares - df * error) / (squares + (n - df) * error)
    return np.nan_to_num(eta2), np.nan_to_num(omega2), squares, residual


def _contains(term: str, other: str) -> bool:
    return set(other.split(TIMES)) <= set(term.split(TIMES))
