"""What measurements of networks tell of their errors beyond what is known already.

Two questions of each measurement, each population for itself and all together. How does it rank with the errors, alone
and once both are rid of what is known of the networks (the partial correlation)? And how much better are errors
predicted that no fit has seen, with it than without it?

Sources: Robinson 1988 and Chernozhukov and others 2018 (residuals of both sides, cross-fitted); Nadeau and Bengio 2003
(standard error over folds that share networks).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from netspaces.statistics.cross_fitting import FOLDS, Predicted, Regressor, boosted_trees, cross_fit
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_interval
from netspaces.statistics.resampling import NUMBERS_AT_ONCE, drawn_counts, safe_ratio, spearman

SHARED = math.sqrt(1 + FOLDS / (FOLDS - 1))  # Nadeau and Bengio: of a standard error over folds that share networks
TOGETHER = "all"  # the name of all populations together, and of all measurements together


@dataclass(frozen=True)
class Beyond:
    """What one measurement, or all together, tell of the errors of a population, or of all (then means over them)."""

    n: int
    correlation: Interval | None  # Spearman's, of measurement and error; None for all measurements together
    partial: Interval | None  # of what is known of neither
    r2: float  # share of the variance of errors within populations that what is known predicts, out of fold
    r2_with: float  # the same with the measurement
    gain: Interval  # their difference


def beyond(
    errors: Mapping[str, ArrayLike],
    known: Mapping[str, np.ndarray],
    measured: Mapping[str, Mapping[str, np.ndarray]],
    groups: Mapping[str, Sequence],
    resampling: Resampling = DEFAULT,
    model: Callable[[], Regressor] = boosted_trees,
) -> dict[tuple[str, str], Beyond]:
    """What measurements tell beyond what is known, by population and measurement; "all" stands for all of either.

    Parameters
    ----------
    errors : by population, (n,), two or more.
    known : by population, (n, p) finite numbers.
    measured : by population and measurement, (n,) finite numbers.
    groups : by population, n labels; networks of one label never predict each other.
    resampling : of networks within populations, with predictions as they are; limits of gains are moved away from the
        estimate by the factor of Nadeau and Bengio, because the fits of the folds share networks.
    model : makes a regressor, afresh for each fold.

    Raises
    ------
    ValueError : as `cross_fitting.cross_fit`.
    """
    names, measurements = sorted(errors), list(next(iter(measured.values())))
    y = {name: np.asarray(errors[name], float) for name in names}

    def fit(target: Mapping[str, np.ndarray], features: Mapping[str, np.ndarray]) -> dict[str, Predicted]:
        nobody = {name: matrix[:1] for name, matrix in features.items()}
        return cross_fit(target, features, groups, nobody, model)

    counts = {
        name: drawn_counts(y[name].size, resampling.resamples, np.random.SeedSequence(resampling.seed, spawn_key=(i,)))
        for i, name in enumerate(names)
    }
    without = fit(y, known)
    found: dict[tuple[str, str], Beyond] = {}
    for measurement in [*measurements, TOGETHER]:
        chosen = measurements if measurement == TOGETHER else [measurement]
        columns = {name: np.column_stack([measured[name][each] for each in chosen]) for name in names}
        with_it = fit(y, {name: np.hstack([known[name], columns[name]]) for name in names})
        gains = _gains(without, with_it, counts, resampling)
        if measurement == TOGETHER:
            found |= {(name, measurement): gain for name, gain in gains.items()}
            continue
        values = {name: columns[name][:, 0] for name in names}
        left = fit(_pooled_ranks(values), known)
        correlations = _correlations(values, y, counts, resampling)
        partials = _correlations(_left(left), _left(without), counts, resampling)
        for name, gain in gains.items():
            found[name, measurement] = replace(gain, correlation=correlations[name], partial=partials[name])
    return found


def _pooled_ranks(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Ranks in (0, 1] among the networks of all populations: a measurement's own scale may be anything."""
    sizes = np.cumsum([each.size for each in values.values()])
    ranks = stats.rankdata(np.concatenate(list(values.values()))) / sizes[-1]
    return dict(zip(values, np.split(ranks, sizes[:-1]), strict=True))


def _left(predicted: Mapping[str, Predicted]) -> dict[str, np.ndarray]:
    """What predictions leave of each population's networks."""
    return {name: of.errors - of.fitted for name, of in predicted.items()}


def _correlations(
    x: Mapping[str, np.ndarray], y: Mapping[str, np.ndarray], counts: Mapping[str, np.ndarray], resampling: Resampling
) -> dict[str, Interval]:
    """Spearman's correlation of each population, and their mean, with percentile intervals."""
    estimates = {name: float(spearman(x[name], y[name], np.ones(x[name].size))) for name in counts}
    resampled = {name: _by_parts(x[name], y[name], counts[name]) for name in counts}
    estimates[TOGETHER] = float(np.mean(list(estimates.values())))
    resampled[TOGETHER] = np.mean(list(resampled.values()), axis=0)
    return {name: percentile_interval(estimates[name], resampled[name], resampling.level) for name in estimates}


def _by_parts(x: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Spearman's correlations (r,) of resamples (r, n), some at a time."""
    parts = np.array_split(counts, -(-counts.size // NUMBERS_AT_ONCE))
    return np.concatenate([spearman(x, y, part) for part in parts])


def _gains(
    without: Mapping[str, Predicted],
    with_it: Mapping[str, Predicted],
    counts: Mapping[str, np.ndarray],
    resampling: Resampling,
) -> dict[str, Beyond]:
    """Shares of variance that two predictions explain, of each population and of all together."""
    once = {name: _sums(without[name], with_it[name], np.ones((1, without[name].n))) for name in counts}
    often = {name: _sums(without[name], with_it[name], counts[name]) for name in counts}
    for sums in (once, often):
        sums[TOGETHER] = np.sum(list(sums.values()), axis=0)
    sizes = {name: without[name].n for name in counts}
    sizes[TOGETHER] = sum(sizes.values())
    return {name: _gain(sizes[name], once[name], often[name], resampling) for name in once}


def _sums(without: Predicted, with_it: Predicted, counts: np.ndarray) -> np.ndarray:
    """Sums of squares around the mean (3, r) of resamples (r, n): of errors, of what is left without and with."""
    values = (without.errors, without.errors - without.fitted, with_it.errors - with_it.fitted)
    size = counts.sum(axis=1)
    return np.stack([counts @ each**2 - (counts @ each) ** 2 / size for each in values])


def _gain(n: int, once: np.ndarray, often: np.ndarray, resampling: Resampling) -> Beyond:
    """What follows from sums of squares of the sample (3, 1) and of resamples (3, r)."""
    r2, r2_with = (1 - float(safe_ratio(left, once[0])[0]) for left in once[1:])
    around = percentile_interval(r2_with - r2, safe_ratio(often[1] - often[2], often[0]), resampling.level)
    low, high = (around.estimate + SHARED * (limit - around.estimate) for limit in (around.low, around.high))
    return Beyond(n, None, None, r2, r2_with, replace(around, low=low, high=high))
