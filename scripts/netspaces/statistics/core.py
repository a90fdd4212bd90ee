"""Statistics of populations: error distributions, best values, random search, comparisons.

Errors are top-1 errors in percent (0-100), one per network, finite. Random procedures are functions
of their seed. A bad argument raises a ValueError that names it.

Sources: "Designing Network Design Spaces" (arXiv 2003.13678, DDS) and "On Network Design Spaces for
Visual Recognition" (arXiv 1905.13214, NDS), section 3 of each. Home-made is only what these papers
define; scipy and statsmodels do the rest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.nonparametric import rank_compare_2indep

DRAWS_AT_ONCE = 2**20  # bounds the memory of a resampling step to some tens of MB
SMALLEST_SE = 1e-9  # percent; a smaller standard error is rounding noise


@dataclass(frozen=True, eq=False)
class Edf:
    """Empirical distribution function F(e) = (1/n) sum 1[e_i < e] (DDS, equation 1)."""

    errors: np.ndarray  # (n,) percent, ascending
    n: int
    minimum: float  # percent
    mean: float  # percent; the area that F leaves above itself between 0 and 100
    level: float  # confidence of the band
    half_width: float  # the band is F +- half_width within [0, 1]

    def __call__(self, error: ArrayLike) -> np.ndarray:
        """Share of networks strictly below `error` (percent, any shape)."""
        return np.searchsorted(self.errors, error, side="left") / self.n

    def band(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper edge of the simultaneous band where F is `share` (any shape)."""
        return np.maximum(share - self.half_width, 0), np.minimum(share + self.half_width, 1)

    def steps(self, limits: tuple[float, float] | None = None) -> tuple[np.ndarray, ...]:
        """Vertices (x, y, lower, upper) of the step line, each (k,), for `plot` and `fill_between`.

        Two vertices per distinct error, and one at each of `limits` (percent), which may widen x.
        """
        values = np.unique(self.errors)
        after = np.searchsorted(self.errors, values, side="right") / self.n
        x, y = np.repeat(values, 2), np.column_stack([self(values), after]).ravel()
        if limits is not None:
            x = np.r_[min(limits[0], x[0]), x, max(limits[1], x[-1])]
            y = np.r_[0.0, y, 1.0]
        return x, y, *self.band(y)


def edf(errors: ArrayLike, level: float = 0.95) -> Edf:
    """Error distribution of a population, with a simultaneous confidence band.

    The band of Dvoretzky, Kiefer and Wolfowitz with Massart's constant, of half-width
    sqrt(log(2 / (1 - level)) / 2n), holds the entire distribution function of the design space
    with a probability of at least `level`, at every n.

    Parameters
    ----------
    errors : (n,) percent.
    level : confidence of the band, in (0, 1).
    """
    errors = np.sort(_sample(errors, "errors"))
    half_width = float(np.sqrt(np.log(2 / (1 - _level(level))) / (2 * errors.size)))
    return Edf(errors, errors.size, float(errors[0]), float(errors.mean()), level, half_width)


def legend_label(errors: ArrayLike, name: str) -> str:
    """Legend entry of DDS: [minimum|mean] and name.

    >>> legend_label([39.0, 59.0], "AnyNetX")
    '[39.0|49.0] AnyNetX'
    """
    errors = _sample(errors, "errors")
    return f"[{errors.min():.1f}|{errors.mean():.1f}] {name}"


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
    x: ArrayLike,
    errors: ArrayLike,
    resamples: int = 10_000,
    fraction: float = 0.25,
    level: float = 0.95,
    seed: int = 0,
) -> BestValue:
    """Likely range of the best value of a parameter (DDS, section 3.1).

    Draw with replacement a share of the networks, keep the x of the smallest error, repeat. Of tied
    errors the first drawn wins, so that the order of the rows plays no part.

    Parameters
    ----------
    x, errors : (n,) parameter and error in percent of each network.
    fraction : of n in one resample, in (0, 1]; rounded down, at least one network.
    """
    x, errors, draws = _pairs(x, errors, fraction)
    wins = np.zeros(errors.size)
    for drawn in _draw(errors.size, draws, resamples, np.random.default_rng(seed)):
        first_best = errors[drawn].argmin(axis=1)
        wins += np.bincount(drawn[np.arange(len(drawn)), first_best], minlength=errors.size)
    return _best_value(x, wins / resamples, draws, level, resamples)


def empirical_bootstrap_exact(
    x: ArrayLike, errors: ArrayLike, fraction: float = 0.25, level: float = 0.95
) -> BestValue:
    """Limit of `empirical_bootstrap` for infinitely many resamples; same parameters.

    The network of rank k wins m draws with probability ((n-k+1)/n)^m - ((n-k)/n)^m: all draws have
    a rank >= k, but not all a rank > k. Tied networks share the probability of their ranks.
    """
    x, errors, draws = _pairs(x, errors, fraction)
    _, tie, size = np.unique(errors, return_inverse=True, return_counts=True)
    of_tie = np.add.reduceat(win_probabilities(errors.size, draws), np.cumsum(size) - size)
    return _best_value(x, (of_tie / size)[tie], draws, level, None)


def _best_value(x: np.ndarray, frequency: np.ndarray, draws: int, level: float, resamples: int | None) -> BestValue:
    effective = float(1 / np.square(frequency).sum())
    return BestValue(*_band(x, frequency, level), level, x.size, draws, resamples, effective)


def win_probabilities(n: int, draws: int) -> np.ndarray:
    """Probability (n,) that the best of `draws` draws with replacement has rank 1..n."""
    return -np.diff((np.arange(n, -1, -1) / n) ** draws)


@dataclass(frozen=True, eq=False)
class SearchCurve:
    """The best error among m random networks, for several m; arrays (k,), errors in percent."""

    sizes: np.ndarray  # m
    mean: np.ndarray  # of the best error
    std: np.ndarray  # NDS draws mean +- 2 std
    low: np.ndarray  # a share `level` of searches ends from low to high
    median: np.ndarray
    high: np.ndarray
    level: float
    experiments: np.ndarray | None  # simulated searches; None: infinitely many


def random_search(
    errors: ArrayLike,
    sizes: ArrayLike | None = None,
    experiments: int | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> SearchCurve:
    """Random-search efficiency as the code of NDS simulates it (DDS, Fig. 9 right).

    Parameters
    ----------
    errors : (n,) percent.
    sizes : (k,) search sizes m in 1..n; by default the powers of two.
    experiments : per size, each the smallest of m draws with replacement; by default floor(n / m),
        which is a single one at m = n.
    """
    errors = _sample(errors, "errors")
    sizes = _sizes(sizes, errors.size)
    repeats = errors.size // sizes if experiments is None else np.full_like(sizes, experiments)
    rng, rows = np.random.default_rng(seed), []
    for m, k in zip(sizes, repeats, strict=True):
        best = np.concatenate([errors[drawn].min(1) for drawn in _draw(errors.size, m, k, rng)])
        rows.append([best.mean(), best.std(), *_band(best, np.ones(k), level)])
    return SearchCurve(sizes, *np.transpose(rows), level, repeats)


def random_search_exact(errors: ArrayLike, sizes: ArrayLike | None = None, level: float = 0.95) -> SearchCurve:
    """Limit of `random_search` for infinitely many experiments, from order statistics.

    Same parameters; probabilities of the ranks as in `empirical_bootstrap_exact`.
    """
    errors = np.sort(_sample(errors, "errors"))
    sizes, rows = _sizes(sizes, errors.size), []
    for m in sizes:
        p = win_probabilities(errors.size, m)
        std = np.sqrt(p @ (errors - p @ errors) ** 2)
        rows.append([p @ errors, std, *_band(errors, p, level)])
    return SearchCurve(sizes, *np.transpose(rows), level, None)


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval, percent."""

    estimate: float
    low: float
    high: float
    level: float


def bootstrap_interval(
    errors: ArrayLike, m: int = 1, level: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Interval:
    """BCa bootstrap interval of the expected best error among m networks of the design space.

    For m = 1 that is the mean error, for larger m the curve of `random_search_exact`. NaN limits
    for m > n/8, where the estimate leans on few networks and a bootstrap over networks is too sure:
    coverage of 95 % intervals in simulations (gamma errors, n = 32 to 500) was 92-97 % up to n/8,
    86-88 % at n/4 and 53 % at n. For the same reason there is no interval of the minimum.

    Parameters
    ----------
    errors : (n,) percent, n >= 2.
    m : in 1..n.
    """
    errors = _sample(errors, "errors", at_least=2)
    (m,) = _sizes([m], errors.size)

    def expected_best(sample: np.ndarray, axis: int) -> np.ndarray:
        # BCa's jackknife passes n - 1 networks: the probabilities follow the sample
        return np.sort(sample, axis) @ win_probabilities(sample.shape[axis], m)

    limits = (np.nan, np.nan)
    if m <= max(1, errors.size / 8):
        (limits,) = bootstrap_limits((errors,), expected_best, [level], resamples, seed)
    return Interval(float(expected_best(errors, axis=0)), *limits, _level(level))


def compare(
    populations: Mapping[str, ArrayLike],
    pairs: str | Sequence[tuple[str, str]] | None = None,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
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
    difference, low, high : mean of a - mean of b, percent, with its two-sample BCa interval;
    simultaneous_low, simultaneous_high : intervals that hold for all pairs at once (Bonferroni);
    p_mean, ks, p_ks : permutation tests (small test sets tie errors) of equal means, by Welch's t
        so that unequal spreads hardly matter (Janssen 1997), and of equal distributions, by
        ks = sup |F_a - F_b|; p_mean is at least 2 / (resamples + 1), p_ks half of that;
    superiority, superiority_low, superiority_high : P(error of a < error of b) + P(equal) / 2 with
        the interval of Brunner and Munzel (2000); Cliff's delta is 2 superiority - 1;
    p_mean_corrected, p_ks_corrected : over the pairs, each test a family of its own;
    level, resamples, correction : as given.
    """
    samples = {k: _sample(v, f"populations[{k!r}]", at_least=2) for k, v in populations.items()}
    pairs = list(combinations(samples, 2) if pairs in (None, "all") else pairs)
    if not pairs or any(a == b or not {a, b} <= samples.keys() for a, b in pairs):
        raise ValueError(f"pairs: expected pairs of names in {list(samples)}, got {pairs}")
    levels = [_level(level), 1 - (1 - level) / len(pairs)]
    rows = [_compare(samples[a], samples[b], levels, resamples, seed) for a, b in pairs]
    table = pd.concat([pd.DataFrame(pairs, columns=["a", "b"]), pd.DataFrame(rows)], axis=1)
    for p in ("p_mean", "p_ks"):
        table[f"{p}_corrected"] = multipletests(table[p], method=correction)[1]
    return table.assign(level=level, resamples=resamples, correction=correction)


def _compare(a: np.ndarray, b: np.ndarray, levels: list[float], resamples: int, seed: int) -> dict[str, float]:
    # every pair starts from the seed: its numbers do not depend on the other pairs
    (low, high), (all_low, all_high) = bootstrap_limits((a, b), _difference, levels, resamples, seed)
    row = {"n_a": a.size, "n_b": b.size, "difference": _difference(a, b, axis=0)}
    row |= {"low": low, "high": high, "simultaneous_low": all_low, "simultaneous_high": all_high}
    return row | _permutation_tests(a, b, resamples, seed) | _superiority(a, b, levels[0])


def _difference(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
    return a.mean(axis) - b.mean(axis)


def _welch_t(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
    variance = a.var(axis, ddof=1) / a.shape[axis] + b.var(axis, ddof=1) / b.shape[axis]
    return _difference(a, b, axis) / np.sqrt(np.maximum(variance, SMALLEST_SE**2))


def _permutation_tests(a: np.ndarray, b: np.ndarray, resamples: int, seed: int) -> dict[str, float]:
    # For ks the labels of the sorted pool are permuted: no permutation needs sorting. Whole steps
    # of n_a n_b (F_a - F_b) keep equal permutations equal.
    pool = np.concatenate([a, b])
    order = pool.argsort()
    steps = np.where(order < a.size, b.size, -a.size)
    last_of_tie = np.append(np.diff(pool[order]) > 0, True)

    def kolmogorov_smirnov(steps: np.ndarray, axis: int) -> np.ndarray:
        return np.abs(steps.cumsum(axis)[..., last_of_tie]).max(axis) / (a.size * b.size)

    options = {"n_resamples": resamples, "batch": _rows(pool.size), "rng": seed, "vectorized": True}
    mean = stats.permutation_test((a, b), _welch_t, **options)
    options |= {"permutation_type": "pairings", "alternative": "greater"}
    ks = stats.permutation_test((steps,), kolmogorov_smirnov, **options)
    return {"p_mean": mean.pvalue, "ks": ks.statistic, "p_ks": ks.pvalue}


def _superiority(a: np.ndarray, b: np.ndarray, level: float) -> dict[str, float]:
    with np.errstate(divide="ignore", invalid="ignore"):
        result = rank_compare_2indep(b, a)
        low, high = result.conf_int(alpha=1 - level)
    s = result.prob1
    if np.isnan(low):
        # separated populations show no variance, but as min(n_a, n_b) independent pairs agree,
        # pairs disagree with a probability of at most `slack` (Clopper and Pearson)
        slack = 1 - ((1 - level) / 2) ** (1 / min(a.size, b.size))
        low, high = (1 - slack) * s, (1 - slack) * s + slack
    low, high = np.clip([low, high], 0, 1)
    return {"superiority": s, "superiority_low": low, "superiority_high": high}


def bootstrap_limits(
    data: tuple, statistic: Callable, levels: list[float], resamples: int, seed: int
) -> list[tuple[float, float]]:
    """BCa intervals of a statistic, one per level, all from the same resamples."""
    if all(np.ptp(sample) == 0 for sample in data):  # every resample is the same; BCa is undefined
        return [(float(statistic(*data, axis=0)),) * 2 for _ in levels]
    options = {"method": "BCa", "batch": _rows(max(map(len, data))), "vectorized": True}
    result, intervals = None, []
    for level in levels:
        options |= {"n_resamples": 0 if result else resamples, "bootstrap_result": result}
        options |= {"confidence_level": _level(level), "rng": seed}
        result = stats.bootstrap(data, statistic, **options)
        intervals.append(tuple(map(float, result.confidence_interval)))
    return intervals


def _draw(n: int, size: int, repeats: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Draw `repeats` rows of `size` indices below n with replacement, in chunks (rows, size)."""
    if repeats < 1:
        raise ValueError(f"resamples and experiments: expected at least 1, got {repeats}")
    for start in range(0, repeats, _rows(size)):
        yield rng.integers(n, size=(min(_rows(size), repeats - start), size))


def _rows(size: int) -> int:
    return max(1, DRAWS_AT_ONCE // int(size))


def _band(x: np.ndarray, weights: np.ndarray, level: float) -> list[float]:
    """Lower tail, median and upper tail of weighted values, not interpolated."""
    quantiles = [(1 - _level(level)) / 2, 0.5, (1 + level) / 2]
    return np.quantile(x, quantiles, weights=weights, method="inverted_cdf").tolist()


def _pairs(x: ArrayLike, errors: ArrayLike, fraction: float) -> tuple:
    x, errors = _sample(x, "x"), _sample(errors, "errors")
    if x.size != errors.size:
        raise ValueError(f"x: expected one value per error ({errors.size}), got {x.size}")
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction: expected a number in (0, 1], got {fraction}")
    return x, errors, max(1, int(fraction * errors.size))


def _sizes(sizes: ArrayLike | None, n: int) -> np.ndarray:
    sizes = 1 << np.arange(n.bit_length()) if sizes is None else sizes
    if not np.isin(sizes, np.arange(1, n + 1)).all():
        raise ValueError(f"search size: expected whole numbers from 1 to {n}, got {sizes}")
    return np.array(sizes, dtype=int, ndmin=1)


def _sample(values: ArrayLike, name: str, at_least: int = 1) -> np.ndarray:
    sample = np.asarray(values, dtype=float)
    if sample.ndim != 1 or sample.size < at_least or not np.isfinite(sample).all():
        found = f"shape {sample.shape}, {np.sum(~np.isfinite(sample))} not finite"
        raise ValueError(f"{name}: expected {at_least} or more finite numbers, got {found}")
    return sample


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number in (0, 1), got {level}")
    return level
