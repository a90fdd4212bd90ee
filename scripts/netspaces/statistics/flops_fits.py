"""How complexity and time of the best networks grow with flops (paper figure 12), limits that follow, correlations.

The best networks of a population are the winners of the paper's empirical bootstrap: of many draws of a quarter of its
networks, those with the smallest error. A draw from each regime gives one winner per regime, and one fit through them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from scipy.optimize import nnls

from netspaces.statistics.best import draws_of
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_limits
from netspaces.statistics.resampling import bca_limits, drawn_winners

TERMS: Mapping[str, Callable] = {"constant": np.ones_like, "sqrt": np.sqrt, "linear": np.asarray}
FORMS = {"activations": ("sqrt",), "params": ("constant", "linear"), "time": ("sqrt", "linear")}
"""What the paper fits to the best networks, as functions of flops."""

LIMITED = ("activations", "params")
DIGITS = 2  # of limits: small changes of what they rest on do not move them
PEARSON, SPEARMAN = "pearson", "spearman"


# ---- Correlation -----------------------------------------------------------------------------------------------------


def correlation_interval(x: ArrayLike, y: ArrayLike, kind: str = PEARSON, resampling: Resampling = DEFAULT) -> Interval:
    """Correlation with its BCa bootstrap interval over networks; NaN for fewer than three or where one is constant.

    Parameters: x, y (n,) of each network; `kind` pearson, of values, or spearman, of ranks.
    """
    if kind not in (PEARSON, SPEARMAN):
        raise ValueError(f"correlation: kind is {kind!r}, expected {PEARSON} or {SPEARMAN}")
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Interval.unknown(resampling.level)

    def correlation(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        x, y = (stats.rankdata(v, axis=axis) for v in (x, y)) if kind == SPEARMAN else (x, y)
        x, y = (v - v.mean(axis, keepdims=True) for v in (x, y))
        with np.errstate(invalid="ignore"):
            return (x * y).sum(axis) / np.sqrt((x * x).sum(axis) * (y * y).sum(axis))

    estimate = float(np.clip(correlation(x, y, axis=0), -1, 1))
    with np.errstate(invalid="ignore"):
        (limits,) = bca_limits((x, y), correlation, [resampling.level], resampling, paired=True)
    low, high = np.clip(limits, -1, 1)
    return Interval(estimate, float(low), float(high), resampling.level)


# ---- Best networks ---------------------------------------------------------------------------------------------------


def winners(errors: Sequence[np.ndarray], resampling: Resampling = DEFAULT, fraction: float = 0.25) -> np.ndarray:
    """Rows of the best networks of several populations, (resamples, populations), each drawn independently.

    Parameters: `errors` (n,) of each population, in percent; `fraction` of n in one draw, with replacement.
    """
    columns = []
    for number, of_population in enumerate(errors):
        random = np.random.default_rng(np.random.SeedSequence(resampling.seed, spawn_key=(number,)))
        draws = draws_of(len(of_population), fraction)
        columns.append(drawn_winners(np.asarray(of_population), draws, resampling.resamples, random))
    return np.stack(columns, axis=1)


def chosen(column: str, tables: Sequence[pd.DataFrame], won: np.ndarray) -> np.ndarray:
    """A column's values of the winners, (resamples, populations)."""
    return np.stack([table[column].to_numpy(float)[rows] for table, rows in zip(tables, won.T, strict=True)], axis=1)


@dataclass(frozen=True)
class Fit:
    """A sum of terms in flops, each times a coefficient of at least 0, fitted to the best networks.

    `exponent` is that of the power of flops that fits best. `multiplier` times the fit lies above a share `level` of
    the best networks.
    """

    terms: tuple[str, ...]
    coefficients: tuple[Interval, ...]
    exponent: Interval
    multiplier: float
    level: float

    def __call__(self, flops: ArrayLike) -> np.ndarray:
        """The fitted value."""
        return _sum(self.terms, [c.estimate for c in self.coefficients], np.asarray(flops, float))


def fit(flops: np.ndarray, values: np.ndarray, terms: Sequence[str], level: float = 0.95) -> Fit:
    """Fit to the best networks of each regime, with percentile intervals over the resamples.

    Parameters: `flops` and `values` (resamples, regimes) of the winners, above 0, of at least as many regimes as there
    are `terms`, and two. Least squares, of residuals by the regime's median value, since spreads grow with size; the
    estimate is the fit to all winners, in which a network weighs as often as it won.
    """
    if flops.shape[1] < max(2, len(terms)):
        raise ValueError(f"fit: expected at least {max(2, len(terms))} regimes, got {flops.shape[1]}")
    unit, typical = flops.max(), np.median(values, axis=0)
    terms_at = np.stack([TERMS[term](flops / unit) for term in terms], axis=-1) / typical[:, None]
    target = values / typical
    whole, _ = nnls(terms_at.reshape(-1, len(terms)), target.ravel())
    resampled = np.array([nnls(*system)[0] for system in zip(terms_at, target, strict=True)])
    units = np.array([TERMS[term](unit) for term in terms], float)
    low, high = percentile_limits(resampled / units, level, axis=0)
    coefficients = tuple(
        Interval(float(estimate), float(lower), float(upper), level)
        for estimate, lower, upper in zip(whole / units, low, high, strict=True)
    )
    multiplier = np.quantile(values / _sum(terms, whole / units, flops), level, method="inverted_cdf")
    return Fit(tuple(terms), coefficients, _exponent(flops, values, level), float(multiplier), level)


def _sum(terms: Sequence[str], coefficients: Sequence[float], flops: np.ndarray) -> np.ndarray:
    return sum(c * TERMS[term](flops) for term, c in zip(terms, coefficients, strict=True))


def _exponent(flops: np.ndarray, values: np.ndarray, level: float) -> Interval:
    """The p of values ~ flops^p: least squares of logarithms."""
    x, y = np.log(flops), np.log(values)
    x = x - x.mean(axis=1, keepdims=True)
    slopes, whole = (x * y).sum(axis=1) / (x * x).sum(axis=1), (x * y).sum() / (x * x).sum()
    low, high = percentile_limits(slopes, level)
    return Interval(float(whole), float(low), float(high), level)


# ---- Limits ----------------------------------------------------------------------------------------------------------


def complexity_limits(tables: Sequence[pd.DataFrame], error: str, resampling: Resampling = DEFAULT) -> dict:
    """Limits on activations and parameters (paper figure 13) from populations, one per regime: `limits.json`.

    The paper's limits follow its fits by factors that it does not print. Here a limit is the fit times the factor below
    which a share `level` of the best networks lie, its coefficients rounded up to two digits. Raises ValueError if
    fewer than two populations have runs.
    """
    present = [table[table[error].notna()] for table in tables]
    present = [table for table in present if len(table)]
    if len(present) < 2:
        raise ValueError(f"limits on complexity: {len(present)} of {len(tables)} populations have runs, expected two")
    won = winners([table[error].to_numpy(float) for table in present], resampling)
    flops = chosen("flops", present, won)
    fits = {metric: fit(flops, chosen(metric, present, won), FORMS[metric], resampling.level) for metric in LIMITED}
    return {
        "constraints": [constraint(metric, fitted) for metric, fitted in fits.items()],
        "multipliers": {metric: float(f"{fitted.multiplier:.{DIGITS}g}") for metric, fitted in fits.items()},
        "level": resampling.level,
    }


def constraint(metric: str, fitted: Fit) -> str:
    """A limit as design spaces state it: `params <= 12000 + 0.35 * flops`."""
    written = {"constant": "{}", "sqrt": "{} * sqrt(flops)", "linear": "{} * flops"}
    limits = {t: fitted.multiplier * c.estimate for t, c in zip(fitted.terms, fitted.coefficients, strict=True)}
    return f"{metric} <= " + " + ".join(written[t].format(f"{rounded_up(v):g}") for t, v in limits.items() if v)


def rounded_up(value: float, digits: int = DIGITS) -> float:
    """A number above 0 rounded up to some significant digits.

    >>> rounded_up(0.03412), rounded_up(25.0), rounded_up(12345)
    (0.035, 25.0, 13000.0)
    """
    exponent = np.floor(np.log10(value)) - digits + 1
    return float(f"{np.ceil(value / 10**exponent - 1e-9) * 10**exponent:.{digits}g}")
