"""Orders of design spaces by mean error: how sure they are, and what training budgets do to them.

- how often an order holds when networks are drawn anew (`order`);
- how likely the order of two spaces flips between a budget and the largest (`flips`);
- how a fixed number of epochs is best split between more networks and longer trainings (`split`).

A budget is a number of epochs; the same networks are trained for several.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_interval, percentile_limits
from netspaces.statistics.resampling import drawn_counts, drawn_rows

OUTER = INNER = 200  # resamples of the networks themselves, and within each of them
MOST = 1000  # networks per space in the longest line of a split
GROWTH = 1.12  # from one size of a split to the next
RISK = 0.05  # the largest risk of a wrong order that a recommendation accepts


@dataclass(frozen=True)
class Order:
    """How often an order of design spaces by mean error holds when networks are drawn anew; shares of resamples."""

    holds: float  # each space better than the one before it
    first_worst: float  # the first worse than every other
    n: tuple[int, ...]
    resamples: int


def order(spaces: Sequence[ArrayLike], resampling: Resampling = DEFAULT) -> Order:
    """The bootstrap's probability that mean errors stand in the given order, the worst first.

    It is near 1 for spaces that surely stand so, near 1/k! for k equal ones, and not a p value: for two equal spaces it
    may lie anywhere between 0 and 1, evenly.

    Parameters
    ----------
    spaces : two or more of (n_i,) errors, each of two networks or more.
    """
    samples = [np.asarray(errors, float) for errors in spaces]
    sizes = tuple(map(len, samples))
    if len(samples) < 2 or min(sizes) < 2:
        raise ValueError(f"spaces: expected two or more, of two networks or more, got {list(sizes)}")
    seeds = np.random.SeedSequence(resampling.seed).spawn(len(samples))
    resampled = [
        resampled_means(errors, resampling.resamples, seed) for errors, seed in zip(samples, seeds, strict=True)
    ]
    means = np.array(resampled)
    steps, first = means[:-1] > means[1:], means[0] > means[1:]
    return Order(
        holds=float(steps.all(0).mean()),
        first_worst=float(first.all(0).mean()),
        n=sizes,
        resamples=resampling.resamples,
    )


def resampled_means(
    errors: np.ndarray, resamples: int, rng: int | np.random.SeedSequence | np.random.Generator
) -> np.ndarray:
    """Means (resamples, ...) of errors (n, ...) of networks drawn with replacement."""
    return drawn_counts(len(errors), resamples, rng) @ errors / len(errors)


# ---- Flips between budgets -------------------------------------------------------------------------------------------


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
    shares = _flipped(a, b, resampling.resamples, rng)
    nested = np.array([_flipped(_redrawn(a, rng), _redrawn(b, rng), INNER, rng) for _ in range(OUTER)])
    return [percentile_interval(p, column, resampling.level) for p, column in zip(shares, nested.T, strict=True)]


def _redrawn(errors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return errors[rng.integers(len(errors), size=len(errors))]


def _flipped(a: np.ndarray, b: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Share of resamples (k,) whose difference of means has another sign than at the last budget; no sign is half."""
    mean_a, mean_b = (resampled_means(errors, resamples, rng) for errors in (a, b))
    signs = np.sign((mean_a - mean_b).round(9))
    return (1 - signs * signs[:, -1:]).mean(0) / 2


# ---- Splitting a number of epochs ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Split:
    """How likely n networks per space, trained for some epochs, put two spaces into the wrong order.

    `risks` has a row per budget and size: epochs, networks (per space), total (epochs of all networks of both spaces),
    risk with low and high. A recommendation is a row of it, or None if no row's risk is small enough.
    """

    risks: pd.DataFrame
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
    table = pd.DataFrame({"epochs": each, "networks": networks, "total": 2 * networks * each, "risk": risks})
    table = table.assign(low=low, high=high)
    sign = np.sign((a.mean(0) - b.mean(0))[-1])
    return Split(
        risks=table,
        recommended=_cheapest(table, "risk"),
        safe=_cheapest(table, "high"),
        reversed=float(np.mean(signs != sign)),
    )


def _sizes(largest: int) -> np.ndarray:
    steps = np.arange(np.log(largest) / np.log(GROWTH) + 1)
    return np.unique(np.minimum(np.round(GROWTH**steps), largest)).astype(int)


def _risks(
    a: np.ndarray, b: np.ndarray, sizes: list[np.ndarray], resamples: int, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Risk of a wrong order for all budgets and sizes, one after the other, and the sign of the right order."""
    right = np.sign((a.mean(0) - b.mean(0))[-1])
    risks = []
    for budget, tried in enumerate(sizes):
        mean_a, mean_b = (_means(errors[:, budget], tried, resamples, rng) for errors in (a, b))
        risks.append((1 - right * np.sign((mean_a - mean_b).round(9))).mean(0) / 2)
    return np.concatenate(risks), float(right)


def _means(errors: np.ndarray, sizes: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Means (resamples, sizes) of the first so many of a row of networks drawn with replacement."""
    drawn = drawn_rows(errors.size, int(sizes[-1]), resamples, rng)
    return np.concatenate([errors[rows].cumsum(1)[:, sizes - 1] / sizes for rows in drawn])


def _cheapest(risks: pd.DataFrame, column: str) -> pd.Series | None:
    """The cheapest row from which on all larger sizes of its budget stay below RISK; None if there is none."""
    low_enough = risks[column] < RISK
    stays = low_enough[::-1].groupby(risks["epochs"][::-1]).cummin()[::-1]
    return None if not stays.any() else risks[stays].sort_values(["total", "risk"], kind="stable").iloc[0]
