"""Does a finding about networks hold in another setting: other labels, another recipe, other data?

The same networks are trained in several settings, whose errors live on scales of their own (guessing errs in 75 % of
rotations and in 90 % of ten classes). So everything here rests on ranks or signs within a setting, and stays as it is
if the errors of a setting are stretched in any monotone way.

Two-way layout of networks by settings: with ranks within each setting, the setting itself explains nothing, the
network explains a share r of the variance, r being the mean rank correlation of two settings, and network x setting
interaction with the noise of seeds the rest, 1 - r (M. Friedman 1937, M. G. Kendall 1939: r = (S W - 1) / (S - 1) for
S settings and the coefficient of concordance W). Repeats of one setting with other seeds tell the noise: it is 1 - r of
the seeds, and what is left is interaction. Intervals are percentile bootstrap intervals over networks.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_interval
from netspaces.statistics.ranks import FEWEST
from netspaces.statistics.resampling import bootstrap_intervals, drawn_counts, spearman
from netspaces.statistics.superiority import superiority

# ---- Network x setting -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Interaction:
    """Shares of the variance of ranks within a setting that are not the network's own."""

    n: int  # networks with runs in all settings
    changed: Interval  # interaction and seed noise: 1 - mean rank correlation of two settings
    n_repeated: int = 0  # those with runs of all seeds as well, of which the following are
    noise: Interval | None = None  # 1 - mean rank correlation of two seeds; None without repeats
    net: Interval | None = None  # interaction alone: changed - noise; may fall below 0 by chance


def interaction(
    errors: ArrayLike,
    seeds: ArrayLike | None = None,
    resampling: Resampling = DEFAULT,
) -> Interaction:
    """Network x setting interaction, and what of it seeds explain.

    The noise is taken to be the same share in all settings, though it is known for one only. Settings that train with
    the same seed share some of it (first weights, order of images): the net share is then a little too small.

    Parameters
    ----------
    errors : (n, settings), two settings or more; NaN where there is no run.
    seeds : (n, seeds), one setting with two seeds or more; None if there are no repeats.

    Raises
    ------
    ValueError : for fewer than two settings, or fewer than four networks with runs in all of them.
    """
    errors = np.asarray(errors, float)
    whole = np.isfinite(errors).all(1)
    if errors.ndim != 2 or errors.shape[1] < 2 or whole.sum() < FEWEST:
        got = f"{errors.shape}, {whole.sum()} of them"
        raise ValueError(f"errors: expected {FEWEST} networks or more with runs in two settings or more, got {got}")
    n = int(whole.sum())

    def change(counts: np.ndarray) -> tuple[np.ndarray, ...]:
        return (1 - concord(errors[whole], counts),)

    (changed,) = bootstrap_intervals(change, n, resampling)
    if seeds is None or np.shape(seeds)[1] < 2:
        return Interaction(n, changed)
    seeds = np.asarray(seeds, float)
    both = whole & np.isfinite(seeds).all(1)
    if both.sum() < FEWEST:
        return Interaction(n, changed, int(both.sum()))

    def parts(counts: np.ndarray) -> tuple[np.ndarray, ...]:
        noise = 1 - concord(seeds[both], counts)
        return noise, 1 - concord(errors[both], counts) - noise

    noise, net = bootstrap_intervals(parts, int(both.sum()), resampling)
    return Interaction(n=n, changed=changed, n_repeated=int(both.sum()), noise=noise, net=net)


def concord(columns: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean rank correlation (r,) of all pairs of columns (n, k), k >= 2, in resamples given as counts (r, n)."""
    return np.mean([spearman(x, y, counts) for x, y in combinations(columns.T, 2)], axis=0)


# ---- Gap between design spaces ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """How far apart two design spaces are in one setting, and how much nearer or farther than in the first."""

    superiority: Interval  # probability that a network of b has a smaller error than one of a, ties counting half
    change: Interval | None  # from the first setting; None for that itself
    n_a: int
    n_b: int


def gaps(a: ArrayLike, b: ArrayLike, resampling: Resampling = DEFAULT) -> list[Gap]:
    """The gap between spaces a and b in each setting: space x setting interaction, free of the settings' scales.

    The gap in a setting has the interval of Brunner and Munzel on the logit scale (`superiority`). Its change has a
    bootstrap interval: a resample draws networks, each with its errors in all settings, so that a change is one of the
    same networks.

    Parameters
    ----------
    a, b : (n_a, settings), (n_b, settings) errors; networks without a run in every setting are left out.
    """
    samples = [np.asarray(errors, float) for errors in (a, b)]
    whole_a, whole_b = (errors[np.isfinite(errors).all(1)] for errors in samples)
    n_a, n_b = len(whole_a), len(whole_b)
    if min(n_a, n_b) < FEWEST:
        raise ValueError(f"a, b: expected {FEWEST} networks or more with all runs, got {n_a} and {n_b}")
    seeds = np.random.SeedSequence(resampling.seed).spawn(2)
    counts = [drawn_counts(n, resampling.resamples, seed) for n, seed in zip((n_a, n_b), seeds, strict=True)]
    estimates, resampled = [], []
    for errors_a, errors_b in zip(whole_a.T, whole_b.T, strict=True):
        estimates.append(float(_superiority(errors_a, errors_b, np.ones((1, n_a)), np.ones((1, n_b)))[0]))
        resampled.append(_superiority(errors_a, errors_b, *counts))
    by_setting = []
    for setting, (estimate, values) in enumerate(zip(estimates, resampled, strict=True)):
        change = percentile_interval(estimate - estimates[0], values - resampled[0], resampling.level)
        by_setting.append(
            Gap(
                superiority=superiority(whole_b[:, setting], whole_a[:, setting], resampling.level),
                change=change if setting else None,
                n_a=n_a,
                n_b=n_b,
            )
        )
    return by_setting


def _superiority(a: np.ndarray, b: np.ndarray, counts_a: np.ndarray, counts_b: np.ndarray) -> np.ndarray:
    wins = (np.sign(a[:, None] - b) + 1) / 2
    return ((counts_a @ wins) * counts_b).sum(1) / (counts_a.sum(1) * counts_b.sum(1))
