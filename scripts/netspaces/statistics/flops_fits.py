"""How complexity and time of the best networks grow with flops (paper figure 12), limits that follow, correlations.

The winners that the paper's figure draws are those of its empirical bootstrap: of many draws of a quarter of a
population's networks, those with the smallest error. A fit is to all networks, each weighing as often as it is the best
of eight (`best.best_draws`), and its intervals resample networks: they shrink as more networks are trained.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from netspaces.statistics.best import best_draws, best_weights, draws_of
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_limits
from netspaces.statistics.resampling import bca_limits, drawn_counts, drawn_winners, rows_at_once, weighted_quantiles

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
    the best networks. `draws` says of how many networks the best one counts.
    """

    terms: tuple[str, ...]
    coefficients: tuple[Interval, ...]
    exponent: Interval
    multiplier: float
    level: float
    draws: int

    def __call__(self, flops: ArrayLike) -> np.ndarray:
        """The fitted value."""
        return _sum(self.terms, [c.estimate for c in self.coefficients], np.asarray(flops, float))


@dataclass(frozen=True, eq=False)
class _Regime:
    """The networks of one regime, and what a fit sums over them."""

    errors: np.ndarray  # (n,)
    terms: np.ndarray  # (n, t): terms of flops, over the regime's median value
    target: np.ndarray  # (n,): values, over it
    logs: np.ndarray  # (2, n): logarithms of flops and value

    def sums(self, counts: np.ndarray, draws: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weighted products of terms (r, t, t), of terms and target (r, t), mean logarithms (r, 2), of resamples."""
        weights = best_weights(self.errors, counts, draws)
        products = np.einsum("ni,nj->nij", self.terms, self.terms).reshape(len(self.errors), -1)
        t = self.terms.shape[1]
        gram, moments = (weights @ products).reshape(-1, t, t), weights @ (self.terms * self.target[:, None])
        return gram, moments, weights @ self.logs.T


def fit(
    flops: Sequence[np.ndarray],
    values: Sequence[np.ndarray],
    errors: Sequence[np.ndarray],
    terms: Sequence[str],
    resampling: Resampling = DEFAULT,
) -> Fit:
    """Fit to the best networks of each regime, with percentile intervals over resamples of networks within regimes.

    Least squares in which a network weighs as often as it is the best of `best_draws` networks, of residuals by the
    regime's median value, since spreads grow with size.

    Parameters
    ----------
    flops, values, errors : per regime, (n_i,) of its networks; flops and values above 0. As many regimes as there are
        `terms`, and two.
    """
    if len(flops) < max(2, len(terms)):
        raise ValueError(f"fit: expected at least {max(2, len(terms))} regimes, got {len(flops)}")
    flops, values, errors = ([np.asarray(v, float) for v in of] for of in (flops, values, errors))
    draws, unit = best_draws(*map(len, errors)), max(of.max() for of in flops)
    weights = [best_weights(of, np.ones((1, of.size)), draws)[0] for of in errors]
    regimes = [_regime(*of, unit, terms) for of in zip(flops, values, errors, weights, strict=True)]
    (whole,), (exponent,) = _fitted(regimes, [np.ones((1, of.size)) for of in errors], draws)
    resampled, exponents = _resampled(regimes, draws, resampling)
    units = np.array([TERMS[term](unit) for term in terms], float)
    low, high = percentile_limits(resampled / units, resampling.level, axis=0)
    coefficients = tuple(
        Interval(float(estimate), float(lower), float(upper), resampling.level)
        for estimate, lower, upper in zip(whole / units, low, high, strict=True)
    )
    beyond = [v / _sum(terms, whole / units, f) for f, v in zip(flops, values, strict=True)]
    (multiplier,) = weighted_quantiles(np.concatenate(beyond), np.concatenate(weights), [resampling.level])
    lower, upper = percentile_limits(exponents, resampling.level)
    free = Interval(float(exponent), float(lower), float(upper), resampling.level)
    return Fit(tuple(terms), coefficients, free, multiplier, resampling.level, draws)


def _regime(
    flops: np.ndarray, values: np.ndarray, errors: np.ndarray, weights: np.ndarray, unit: float, terms: Sequence[str]
) -> _Regime:
    (typical,) = weighted_quantiles(values, weights, [0.5])
    of_flops = np.stack([TERMS[term](flops / unit) for term in terms], axis=-1)
    return _Regime(errors, of_flops / typical, values / typical, np.log([flops, values]))


def _fitted(regimes: Sequence[_Regime], counts: Sequence[np.ndarray], draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (r, t) and exponents (r,) of resamples, given as counts (r, n_i) per regime."""
    grams, moments, logs = zip(*(r.sums(c, draws) for r, c in zip(regimes, counts, strict=True)), strict=True)
    x, y = np.moveaxis(np.stack(logs, axis=-1), 1, 0)  # (r, regimes) each
    x = x - x.mean(axis=1, keepdims=True)
    coefficients = non_negative_least_squares(np.sum(grams, axis=0), np.sum(moments, axis=0))
    return coefficients, (x * y).sum(axis=1) / (x * x).sum(axis=1)


def _resampled(regimes: Sequence[_Regime], draws: int, resampling: Resampling) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and exponents of resamples of the networks of each regime, drawn independently of other regimes."""
    seeds = np.random.SeedSequence(resampling.seed).spawn(len(regimes))
    generators = [np.random.default_rng(seed) for seed in seeds]
    rows = rows_at_once(4 * sum(of.errors.size for of in regimes))
    parts = []
    for start in range(0, resampling.resamples, rows):
        size = min(rows, resampling.resamples - start)
        counts = [drawn_counts(r.errors.size, size, g) for r, g in zip(regimes, generators, strict=True)]
        parts.append(_fitted(regimes, counts, draws))
    coefficients, exponents = zip(*parts, strict=True)
    return np.concatenate(coefficients), np.concatenate(exponents)


def non_negative_least_squares(gram: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Coefficients (r, t) of at least 0 with the least squares, from products (r, t, t) and (r, t) of few terms.

    Of the fits to each subset of the terms, the best of those without a negative coefficient is the solution.
    """
    best, solution = np.zeros(len(moments)), np.zeros_like(moments)
    for size in range(1, moments.shape[1] + 1):
        for subset in map(list, combinations(range(moments.shape[1]), size)):
            own = gram[:, subset][:, :, subset] + 1e-300 * np.eye(size)
            found = np.linalg.solve(own, moments[:, subset, None])[..., 0]
            gain = np.where((found >= 0).all(axis=1), (found * moments[:, subset]).sum(axis=1), -np.inf)
            better = gain > best
            best = np.where(better, gain, best)
            alone = np.zeros_like(solution)
            alone[:, subset] = found
            solution = np.where(better[:, None], alone, solution)
    return solution


def _sum(terms: Sequence[str], coefficients: Sequence[float], flops: np.ndarray) -> np.ndarray:
    return sum(c * TERMS[term](flops) for term, c in zip(terms, coefficients, strict=True))


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
    errors, flops = ([table[column].to_numpy(float) for table in present] for column in (error, "flops"))
    of_metric = {metric: [table[metric].to_numpy(float) for table in present] for metric in LIMITED}
    once = resampling.estimates_only()
    fits = {metric: fit(flops, values, errors, FORMS[metric], once) for metric, values in of_metric.items()}
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
