"""The best value of a parameter: which value do the networks of the smallest errors have, and how sure is that?

Errors are top-1 errors in percent (0-100), one per network, finite. Random procedures are functions of their seed. A
bad argument raises a ValueError that names it.

Source: "Designing Network Design Spaces" (arXiv 2003.13678, DDS), section 3.1, the empirical bootstrap.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.intervals import DEFAULT, Resampling, check_level, tails
from netspaces.statistics.resampling import drawn_winners, sums_of_groups, weighted_quantiles, win_probabilities
from netspaces.statistics.samples import finite_pairs

BEST_OF = 8  # networks of which the best one is meant by "the best", from 32 networks on


@dataclass(frozen=True)
class BestValue:
    """Where the best value of a parameter lies, in the unit of the parameter."""

    low: float  # percentiles of the winners' x, always values that occur
    median: float
    high: float
    level: float  # share of the winners from low to high
    n: int  # networks
    draws: int  # networks in one resample
    resamples: int | None  # None: infinitely many
    effective_winners: float  # 1 / sum p_i^2 of winning frequencies: the networks all rests on


def empirical_bootstrap(
    x: ArrayLike, errors: ArrayLike, resampling: Resampling = DEFAULT, fraction: float = 0.25
) -> BestValue:
    """Likely range of the best value of a parameter (DDS, section 3.1).

    Draw with replacement a share of the networks, keep the x of the smallest error, repeat. Where errors tie, the
    network that was drawn first wins, so that the order of the rows plays no part.

    Parameters
    ----------
    x, errors : (n,) parameter and error in percent of each network.
    fraction : of n in one resample, in (0, 1]; rounded down, at least one network.
    """
    x, errors = finite_pairs(x, errors)
    draws, resamples = draws_of(errors.size, fraction), resampling.resamples
    winners = drawn_winners(errors, draws, resamples, resampling.generator())
    wins = np.bincount(winners, minlength=errors.size)
    return _best_value(x, wins / resamples, draws, resampling.level, resamples)


def empirical_bootstrap_exact(
    x: ArrayLike, errors: ArrayLike, fraction: float = 0.25, level: float = 0.95
) -> BestValue:
    """Limit of `empirical_bootstrap` for infinitely many resamples; same parameters.

    The network of rank k wins m draws with probability ((n-k+1)/n)^m - ((n-k)/n)^m: all draws have a rank >= k, but not
    all a rank > k. Tied networks share the probability of their ranks.

    Examples
    --------
    >>> import netspaces
    >>> widths, errors = [64, 32, 96, 64, 16, 48, 128, 80], [8.0, 9.5, 7.5, 8.5, 12.0, 9.0, 7.0, 8.2]
    >>> best = netspaces.empirical_bootstrap_exact(widths, errors)
    >>> best.low, best.median, best.high
    (32.0, 80.0, 128.0)
    """
    x, errors = finite_pairs(x, errors)
    draws = draws_of(errors.size, fraction)
    _, tie, size = np.unique(errors, return_inverse=True, return_counts=True)
    wins_of_ties = win_probabilities(size, draws)
    return _best_value(x, (wins_of_ties / size)[tie], draws, level, None)


def draws_of(n: int, fraction: float) -> int:
    """The number of networks in one draw of a share of n, rounded down, at least one."""
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction: expected a number in (0, 1], got {fraction}")
    return max(1, int(fraction * n))


def _best_value(x: np.ndarray, frequency: np.ndarray, draws: int, level: float, resamples: int | None) -> BestValue:
    lower, upper = tails(check_level(level))
    low, median, high = weighted_quantiles(x, frequency, [lower, 0.5, upper])
    return BestValue(
        low=low,
        median=median,
        high=high,
        level=level,
        n=x.size,
        draws=draws,
        resamples=resamples,
        effective_winners=float(1 / np.square(frequency).sum()),
    )


# ---- Mean best values ------------------------------------------------------------------------------------------------


def best_draws(*sizes: int) -> int:
    """Of how many networks the best one is meant: BEST_OF, or a quarter of the smallest population if that is less.

    With a quarter of n, about eight networks decide whatever n is, and intervals do not shrink with n. With a fixed
    number of draws the quantity is the same at every n from 4 * BEST_OF on, and its intervals shrink as 1 / sqrt(n).

    >>> best_draws(16), best_draws(32), best_draws(500), best_draws(500, 20)
    (4, 8, 8, 5)
    """
    return max(1, min(BEST_OF, min(sizes) // 4))


def mean_best(x: ArrayLike, errors: ArrayLike, draws: int | None = None) -> float:
    """Mean best value of a parameter: the expected x of the best of some networks drawn with replacement.

    Parameters
    ----------
    x, errors : (n,) parameter and error in percent of each network, finite.
    draws : networks of which the best one counts; `best_draws` by default.
    """
    x, errors = finite_pairs(x, errors)
    return float(resampled_mean_best(x, errors, np.ones((1, x.size)), draws)[0])


def resampled_mean_best(x: np.ndarray, errors: np.ndarray, counts: np.ndarray, draws: int | None = None) -> np.ndarray:
    """Mean best value (...,) of each resample; counts (..., n) say how often it holds each network, n in sum.

    Where networks tie, each copy in the resample is equally likely to be the best one. The order of the rows plays no
    part, not even in the rounding.
    """
    order = np.lexsort([x, errors])
    counts, x, errors = counts[..., order], x[order], errors[order]
    groups = np.cumsum(np.r_[False, np.diff(errors) > 0])
    tied = groups[-1] < errors.size - 1
    copies = sums_of_groups(counts, groups) if tied else counts
    wins = win_probabilities(copies, best_draws(x.size) if draws is None else draws)
    if not tied:
        return wins @ x
    sums = sums_of_groups(counts * x, groups)
    return (wins * sums / np.maximum(copies, 1)).sum(-1)


def best_weights(errors: np.ndarray, counts: np.ndarray, draws: int) -> np.ndarray:
    """Probability (..., n) that each network is the best of some draws; errors (n,), counts (..., n)."""
    values, groups = np.unique(errors, return_inverse=True)
    if values.size == errors.size:
        order = np.argsort(errors)
        weights = np.empty(counts.shape)
        weights[..., order] = win_probabilities(counts[..., order], draws)
        return weights
    copies = sums_of_groups(counts, groups)
    return counts * (win_probabilities(copies, draws) / np.maximum(copies, 1))[..., groups]
