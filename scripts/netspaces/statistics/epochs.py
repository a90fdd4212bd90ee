"""Training budgets: what does a population look like after 2, 5 and 10 times the epochs, and what decides the order?

The same networks are trained with several numbers of epochs (budgets), some of them with several seeds. This module
answers, with intervals from resampling networks:

- whether the parameters of the best networks move with the budget (`drift`);
- how much of the variance of errors is architecture, budget, their interaction and seed (`components`);
- how likely the order of two design spaces flips between a budget and the largest (`flips`);
- how a fixed number of epochs is best split between more networks and longer trainings (`split`).

How far budgets agree network by network is the business of `agreement`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_interval, percentile_limits
from netspaces.statistics.ranks import (
    FEWEST,
    Agreement,
    agreement,
    bootstrap_counts,
    draw_counts,
    measurements,
)
from netspaces.statistics.trends import best_means
from netspaces.studies.study import Curve

OUTER = INNER = 200  # resamples of the networks themselves, and within each of them
MOST = 1000  # networks per space in the longest line of a split
GROWTH = 1.12  # from one size of a split to the next
RISK = 0.05  # of a wrong order that a recommendation accepts
LARGEST_LEVEL = math.nextafter(1, 0)
COMPONENTS = ("architecture", "architecture x budget", "seed", "seed x budget", "budget")


@dataclass(frozen=True, eq=False)
class Budgets:
    """Errors of the networks of one design space after several numbers of epochs, percent."""

    label: str
    epochs: list[int]  # ascending
    errors: pd.DataFrame  # a row per network, columns (epochs, repeat); NaN where there is no run

    @property
    def complete(self) -> np.ndarray:
        """(n, budgets): the first runs of the networks that have one at each budget."""
        return self.errors[[(epochs, 0) for epochs in self.epochs]].dropna().to_numpy()

    @property
    def crossed(self) -> np.ndarray:
        """(n, budgets, seeds): networks trained with the same seeds at each budget; no seeds if fewer than two."""
        seeds = [set(self.errors[epochs].dropna(axis=1, how="all")) for epochs in self.epochs]
        shared = sorted(set.intersection(*seeds))
        wanted = [(epochs, seed) for epochs in self.epochs for seed in shared]
        table = self.errors[wanted].dropna().to_numpy()
        return table.reshape(len(table), len(self.epochs), len(shared))

    def repeats(self, epochs: int) -> pd.DataFrame:
        """All runs of one budget: a row per network, a column per seed that has any."""
        runs = self.errors[epochs]
        return runs[[seed for seed in runs if seed == 0 or runs[seed].notna().any()]]


def by_space(curves: Sequence[Curve]) -> list[Budgets]:
    """The budgets of each label, in order of appearance; raises ValueError for one without a plain first run."""
    found = []
    for label in dict.fromkeys(curve.label for curve in curves):
        own = sorted((c for c in curves if c.label == label), key=lambda curve: (curve.epochs, repeat_of(curve)))
        errors = measurements(own)
        errors.columns = pd.MultiIndex.from_tuples([(c.epochs, repeat_of(c)) for c in own], names=["epochs", "repeat"])
        if not errors.columns.is_unique or {e for e, _ in errors} != {e for e, repeat in errors if repeat == 0}:
            raise ValueError(f"{label}: expected one population per number of epochs and repeat, repeat 0 for each")
        found.append(Budgets(label, list(dict.fromkeys(curve.epochs for curve in own)), errors))
    return found


def agreement_of(budgets: Budgets, one: int, other: int, resampling: Resampling = DEFAULT) -> Agreement | None:
    """Rank agreement of two budgets, by their epochs, with the seeds that both have; None for too few networks."""
    x, y = budgets.repeats(one), budgets.repeats(other)
    shared = [seed for seed in x if seed in y]
    if (x[0].notna() & y[0].notna()).sum() < FEWEST:
        return None
    return agreement(x[shared], y[shared], resampling=resampling)


def repeat_of(curve: Curve) -> int:
    """Which repetition of its networks a population is, from the end of its name."""
    numbered = re.search(r"-r(\d+)$", curve.population)
    return int(numbered[1]) if numbered else 0


# ---- Drift of best values --------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Drift:
    """Mean best values (k,) of a parameter at k budgets, and how much they move from the first to the last."""

    best: np.ndarray
    change: Interval
    n: int


def drift(
    x: ArrayLike,
    errors: np.ndarray,
    resampling: Resampling = DEFAULT,
    fraction: float = 0.25,
) -> Drift:
    """How the mean best value (`trends.best_mean`) moves from the first budget to the last, in units of x.

    The same networks are drawn at all budgets, as they were trained at all: what budgets share does not count as drift.

    Parameters
    ----------
    x, errors : (n,) parameter, and (n, k) errors in percent at k budgets.
    """
    x, errors = np.asarray(x, float), np.asarray(errors, float)
    orders = [np.lexsort([x, column]) for column in errors.T]

    def means(counts: np.ndarray) -> np.ndarray:
        columns = zip(errors.T, orders, strict=True)
        return np.array([best_means(x[o], column[o], counts[:, o], fraction) for column, o in columns])

    best, resampled = means(np.ones((1, x.size))), means(draw_counts(x.size, resampling.resamples, resampling.seed))
    change = percentile_interval(float(best[-1, 0] - best[0, 0]), resampled[-1] - resampled[0], resampling.level)
    return Drift(best[:, 0], change, x.size)


def drift_of(
    curves: Sequence[Curve], column: str, log2: bool, resampling: Resampling = DEFAULT
) -> tuple[list[int], Drift] | None:
    """Epochs, and the drift of a column of the population tables, over budgets of one space; None for too few networks.

    `log2` averages logarithms and makes the change a factor.
    """
    (budgets,) = by_space(curves)
    paired = budgets.errors[[(epochs, 0) for epochs in budgets.epochs]].dropna()
    if len(paired) < FEWEST or len(budgets.epochs) < 2:
        return None
    values = pd.concat([curve.table.set_index("index")[column] for curve in curves])
    x = values[~values.index.duplicated()].loc[paired.index].to_numpy(float)
    if not log2:
        return budgets.epochs, drift(x, paired.to_numpy(), resampling)
    found = drift(np.log2(x), paired.to_numpy(), resampling)
    change = Interval(
        *(float(2**v) for v in (found.change.estimate, found.change.low, found.change.high)), found.change.level
    )
    return budgets.epochs, Drift(2**found.best, change, found.n)


# ---- Variance components ---------------------------------------------------------------------------------------------


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
        found = np.maximum(_moments(values, counts), 0)
        total = found.sum(0)
        return *found, *np.divide(found, total, out=np.full_like(found, np.nan), where=total > 0)

    expanded = 2 * stats.norm.cdf(np.sqrt(n / (n - 1)) * stats.t.ppf((1 + resampling.level) / 2, n - 1)) - 1
    intervals = bootstrap_counts(statistic, n, resampling.at(min(float(expanded), LARGEST_LEVEL)))
    found = [replace(interval, level=resampling.level) for interval in intervals]
    k = len(COMPONENTS)
    named = (dict(zip(COMPONENTS, part, strict=True)) for part in (found[:k], found[k:]))
    return Components(*named, n, s)


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


# ---- Order of two design spaces --------------------------------------------------------------------------------------


def flips(a: np.ndarray, b: np.ndarray, resampling: Resampling = DEFAULT) -> list[Interval]:
    """Probability that the mean errors of two spaces have another order at a budget than at the last, per budget.

    It is the share of bootstrap resamples of the networks of both spaces, each drawn with its errors at all budgets:
    how often two populations of this size, trained at both budgets, would contradict each other. Its interval is a
    bootstrap of that bootstrap (percentiles of 200 x 200 resamples).

    Parameters
    ----------
    a, b : (n_a, k) and (n_b, k) errors in percent at k budgets, ascending.
    """
    rng = resampling.generator()
    found = _flipped(a, b, resampling.resamples, rng)
    nested = np.array([_flipped(_redrawn(a, rng), _redrawn(b, rng), INNER, rng) for _ in range(OUTER)])
    return [percentile_interval(p, column, resampling.level) for p, column in zip(found, nested.T, strict=True)]


def _redrawn(errors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return errors[rng.integers(len(errors), size=len(errors))]


def _flipped(a: np.ndarray, b: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Share of resamples (k,) whose difference of means has another sign than at the last budget; no sign is half."""
    means = [
        rng.multinomial(len(errors), np.full(len(errors), 1 / len(errors)), resamples) @ errors / len(errors)
        for errors in (a, b)
    ]
    signs = np.sign((means[0] - means[1]).round(9))
    return (1 - signs * signs[:, -1:]).mean(0) / 2


def detectable(a: ArrayLike, b: ArrayLike, level: float = 0.95, power: float = 0.8) -> float:
    """The difference of means, percent, that a two-sided t test of two such populations finds with this power."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    pooled = np.sqrt(((a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)) / (a.size + b.size - 2))
    effect = TTestIndPower().solve_power(nobs1=a.size, ratio=b.size / a.size, alpha=1 - level, power=power)
    return float(effect * pooled)


# ---- Splitting a budget ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Split:
    """How likely n networks per space, trained for some epochs, put two spaces into the wrong order.

    `curve` has a row per budget and size: epochs, networks (per space), total (epochs of all networks of both spaces),
    risk with low and high. A recommendation is a row of it, or None if no row's risk is small enough.
    """

    curve: pd.DataFrame
    recommended: pd.Series | None  # the cheapest whose risk is below RISK
    safe: pd.Series | None  # the cheapest whose upper limit of the risk is
    reversed: float  # share of the redrawn populations in which the order at the largest budget is the other one


def split(a: np.ndarray, b: np.ndarray, epochs: Sequence[int], resampling: Resampling = DEFAULT) -> Split:
    """Risk of a wrong order for every split of a total of epochs into networks x epochs per network.

    Right is the order of the mean errors at the largest budget. The risk of n networks is the share of resamples, n
    networks per space drawn with replacement from the trained populations of a budget, whose means have another order.
    Its interval is a nested bootstrap (percentiles of 200 redrawn pairs of populations, 200 resamples in each): the
    networks are drawn anew at all budgets together, so it holds the uncertainty of the right order too. It covers
    neither other seeds of the split nor other data. A cost is epochs: networks of one regime cost about the same.

    A size is recommended if its risk is below 5 % and that of all larger sizes of its line is too.

    Parameters
    ----------
    a, b : (n_a, k) and (n_b, k) errors in percent at k budgets, in the order of `epochs`, ascending.
    """
    largest = 2 * min(len(a), len(b)) * max(epochs)  # what the reference itself cost
    sizes = [_sizes(min(MOST, max(largest // (2 * each), 2))) for each in epochs]
    rng = resampling.generator()
    risks, _ = _risks(a, b, sizes, resampling.resamples, rng)
    again = [_risks(_redrawn(a, rng), _redrawn(b, rng), sizes, INNER, rng) for _ in range(OUTER)]
    nested, signs = (np.array(part) for part in zip(*again, strict=True))
    low, high = percentile_limits(nested, resampling.level, axis=0)
    networks = np.concatenate(sizes)
    each = np.repeat(list(epochs), [len(s) for s in sizes])
    curve = pd.DataFrame({"epochs": each, "networks": networks, "total": 2 * networks * each, "risk": risks})
    curve = curve.assign(low=low, high=high)
    sign = np.sign((a.mean(0) - b.mean(0))[-1])
    return Split(curve, _cheapest(curve, "risk"), _cheapest(curve, "high"), float(np.mean(signs != sign)))


def _sizes(largest: int) -> np.ndarray:
    steps = np.arange(np.log(largest) / np.log(GROWTH) + 1)
    return np.unique(np.minimum(np.round(GROWTH**steps), largest)).astype(int)


def _risks(
    a: np.ndarray, b: np.ndarray, sizes: list[np.ndarray], resamples: int, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Risk of a wrong order for all budgets and sizes, one after the other, and the sign of the right order."""
    right = np.sign((a.mean(0) - b.mean(0))[-1])
    risks = []
    for column, wanted in enumerate(sizes):
        means = [_means(errors[:, column], wanted, resamples, rng) for errors in (a, b)]
        risks.append((1 - right * np.sign((means[0] - means[1]).round(9))).mean(0) / 2)
    return np.concatenate(risks), float(right)


def _means(errors: np.ndarray, sizes: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Means (resamples, sizes) of the first so many of a row of networks drawn with replacement."""
    rows = max(1, 2**20 // int(sizes[-1]))
    parts = []
    for start in range(0, resamples, rows):
        drawn = errors[rng.integers(errors.size, size=(min(rows, resamples - start), sizes[-1]))]
        parts.append(drawn.cumsum(1)[:, sizes - 1] / sizes)
    return np.concatenate(parts)


def _cheapest(curve: pd.DataFrame, column: str) -> pd.Series | None:
    """The cheapest row from which on its line stays below RISK."""
    low_enough = curve[column] < RISK
    stays = low_enough[::-1].groupby(curve["epochs"][::-1]).cummin()[::-1]
    return None if not stays.any() else curve[stays].sort_values(["total", "risk"], kind="stable").iloc[0]
