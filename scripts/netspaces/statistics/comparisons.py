"""Comparisons of populations in pairs, with intervals and correction for multiplicity.

Errors are top-1 errors in percent (0-100), one per network, finite. Random procedures are functions of their seed. A
bad argument raises a ValueError that names it.

Source: "On Network Design Spaces for Visual Recognition" (arXiv 1905.13214, NDS), section 3.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.multitest import multipletests

from netspaces.statistics.intervals import DEFAULT, Resampling
from netspaces.statistics.means import sum_of_means
from netspaces.statistics.resampling import SMALLEST_SE, mean_difference, rows_at_once
from netspaces.statistics.samples import finite_sample
from netspaces.statistics.superiority import superiority

LARGE = 2000  # networks of both populations, from which on tests rest on limit laws: permutations would agree with them


def compare(
    populations: Mapping[str, ArrayLike],
    pairs: str | Sequence[tuple[str, str]] | None = None,
    resampling: Resampling = DEFAULT,
    correction: str = "holm",
) -> pd.DataFrame:
    """Compare design spaces in pairs (NDS, section 3), with intervals and multiplicity correction.

    Parameters
    ----------
    populations : name -> errors (n,), percent, n >= 2.
    pairs : of names; None or "all" for every pair.
    correction : a method of `statsmodels.stats.multitest.multipletests`.

    Returns
    -------
    A row per pair; columns a, b, n_a, n_b and
    difference, low, high : mean of a - mean of b, percent, with the wider of its BCa and Welch's interval;
    simultaneous_low, simultaneous_high : intervals that hold for all pairs at once (Bonferroni);
    p_mean, ks, p_ks : permutation tests (small test sets tie errors) of equal means, by Welch's t
        so that unequal spreads hardly matter (Janssen 1997), and of equal distributions, by
        ks = sup |F_a - F_b|; p_mean is at least 2 / (resamples + 1), p_ks half of that; of two
        populations of `LARGE` networks or more by the normal distribution and Kolmogorov's, of which
        ties make p_ks too large rather than too small;
    superiority, superiority_low, superiority_high : P(error of a < error of b) + P(equal) / 2 with
        the interval of Brunner and Munzel (2000) on the logit scale; Cliff's delta is 2 superiority - 1;
    p_mean_corrected, p_ks_corrected : over the pairs, each test a family of its own;
    level, resamples, correction : as given.

    Examples
    --------
    >>> import netspaces
    >>> errors = {"wide": [8.0, 8.5, 9.0, 9.5], "narrow": [12.0, 12.5, 13.0, 14.0]}
    >>> table = netspaces.compare(errors, resampling=netspaces.Resampling(resamples=1000))
    >>> float(table["difference"][0]), bool(table["high"][0] < 0)
    (-4.125, True)
    """
    samples = {k: finite_sample(v, f"populations[{k!r}]", at_least=2) for k, v in populations.items()}
    names = list(combinations(samples, 2)) if pairs is None or isinstance(pairs, str) else list(pairs)
    if not names or any(a == b or not {a, b} <= samples.keys() for a, b in names):
        raise ValueError(f"pairs: expected pairs of names in {list(samples)}, got {names}")
    rows = [_compare(samples[a], samples[b], len(names), resampling) for a, b in names]
    table = pd.concat([pd.DataFrame(names, columns=["a", "b"]), pd.DataFrame(rows)], axis=1)
    for p in ("p_mean", "p_ks"):
        table[f"{p}_corrected"] = multipletests(table[p], method=correction)[1]
    return table.assign(level=resampling.level, resamples=resampling.resamples, correction=correction)


def _compare(a: np.ndarray, b: np.ndarray, pairs: int, resampling: Resampling) -> dict[str, float]:
    # every pair starts from the seed: its numbers do not depend on the other pairs
    difference = sum_of_means([a, b], [1.0, -1.0])
    own, together = (difference.interval(of.level) for of in (resampling, resampling.simultaneous(pairs)))
    row = {"n_a": a.size, "n_b": b.size, "difference": float(mean_difference(a, b, axis=0))}
    row |= {"low": own.low, "high": own.high}
    row |= {"simultaneous_low": together.low, "simultaneous_high": together.high}
    better = superiority(a, b, resampling.level)
    row |= {"superiority": better.estimate, "superiority_low": better.low, "superiority_high": better.high}
    return row | (_limit_tests(a, b) if min(a.size, b.size) >= LARGE else _permutation_tests(a, b, resampling))


def _welch_t(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
    variance = a.var(axis, ddof=1) / a.shape[axis] + b.var(axis, ddof=1) / b.shape[axis]
    return mean_difference(a, b, axis) / np.sqrt(np.maximum(variance, SMALLEST_SE**2))


def _limit_tests(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    steps, last_of_tie = _steps(a, b)
    ks = float(np.abs(steps.cumsum()[last_of_tie]).max() / (a.size * b.size))
    p_mean = 2 * stats.norm.sf(abs(float(_welch_t(a, b, 0))))
    return {"p_mean": p_mean, "ks": ks, "p_ks": stats.kstwobign.sf(ks * np.sqrt(a.size * b.size / (a.size + b.size)))}


def _steps(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The whole steps of n_a n_b (F_a - F_b) at each network of the sorted pool, and which are the last of their tie.

    Whole steps keep equal permutations equal.
    """
    pool = np.concatenate([a, b])
    order = pool.argsort()
    return np.where(order < a.size, b.size, -a.size), np.append(np.diff(pool[order]) > 0, True)


def _permutation_tests(a: np.ndarray, b: np.ndarray, resampling: Resampling) -> dict[str, float]:
    # For ks the labels of the sorted pool are permuted: no permutation needs sorting
    steps, last_of_tie = _steps(a, b)

    def kolmogorov_smirnov(steps: np.ndarray, axis: int) -> np.ndarray:
        return np.abs(steps.cumsum(axis)[..., last_of_tie]).max(axis) / (a.size * b.size)

    batch = rows_at_once(4 * steps.size)
    mean = stats.permutation_test(
        (a, b), _welch_t, n_resamples=resampling.resamples, batch=batch, rng=resampling.seed, vectorized=True
    )
    ks = stats.permutation_test(
        (steps,),
        kolmogorov_smirnov,
        permutation_type="pairings",
        alternative="greater",
        n_resamples=resampling.resamples,
        batch=batch,
        rng=resampling.seed,
        vectorized=True,
    )
    return {"p_mean": mean.pvalue, "ks": ks.statistic, "p_ks": ks.pvalue}
