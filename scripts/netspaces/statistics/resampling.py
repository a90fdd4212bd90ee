"""The resampling core: draws and counts of networks, statistics of counts, and bootstrap intervals.

A resample is a row of counts that says how often it holds each network. Statistics of counts (..., n) handle thousands
of resamples with a few operations on whole tables.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from netspaces.statistics.intervals import Interval, Resampling, check_level, percentile_interval

NUMBERS_AT_ONCE = 2**22  # bounds the memory of a resampling step to some tens of MB
MATRIX = 256  # networks up to which sums over ties and ranks are products with a matrix, which are faster
SMALLEST_SE = 1e-9  # percent; a smaller standard error is rounding noise


def rows_at_once(numbers: int) -> int:
    """How many rows of so many numbers a resampling step handles at once."""
    return max(1, NUMBERS_AT_ONCE // int(numbers))


# ---- Draws and counts ------------------------------------------------------------------------------------------------


def drawn_rows(n: int, size: int, repeats: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Draw `repeats` rows of `size` indices below n with replacement, in chunks (rows, size)."""
    rows = rows_at_once(4 * size)
    for start in range(0, repeats, rows):
        yield rng.integers(n, size=(min(rows, repeats - start), size))


def drawn_winners(errors: np.ndarray, draws: int, repeats: int, rng: np.random.Generator) -> np.ndarray:
    """Rows (repeats,) of the networks of the smallest error among so many drawn with replacement; the first of ties."""
    winners = []
    for drawn in drawn_rows(errors.size, draws, repeats, rng):
        first_best = errors[drawn].argmin(axis=1)
        winners.append(drawn[np.arange(len(drawn)), first_best])
    return np.concatenate(winners)


def drawn_counts(
    n: int,
    resamples: int,
    rng: int | np.random.SeedSequence | np.random.Generator,
    draws: int | None = None,
) -> np.ndarray:
    """Counts (resamples, n) of n networks, of which `draws` (by default n) are drawn with replacement."""
    draws = n if draws is None else draws
    return np.random.default_rng(rng).multinomial(draws, np.full(n, 1 / n), resamples).astype(float)


# ---- Statistics of counts --------------------------------------------------------------------------------------------


def win_probabilities(counts: np.ndarray, draws: int) -> np.ndarray:
    """Probability (..., n) that each network, or group of tied ones, is the best of some draws with replacement.

    The best of m draws is one with the probability that all m draws are as bad or worse, less the probability that all
    m are worse.

    Parameters
    ----------
    counts : (..., n) how often each is in what is drawn from, or its weight, in ascending order of errors.
    draws : m, 1 or more.

    >>> win_probabilities(np.array([1.0, 1.0]), 2).tolist()
    [0.75, 0.25]
    """
    as_bad = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]
    none_better = whole_power(as_bad / as_bad[..., :1], draws)
    none_as_good = np.concatenate([none_better[..., 1:], np.zeros_like(none_better[..., :1])], axis=-1)
    return none_better - none_as_good


def whole_power(x: np.ndarray, exponent: int) -> np.ndarray:
    """x to a whole power of 1 or more, by repeated squaring: several times as fast as `**`.

    >>> whole_power(np.array([2.0, 3.0]), 5).tolist()
    [32.0, 243.0]
    """
    result = x if exponent % 2 else None
    while exponent := exponent // 2:
        x = x * x
        if exponent % 2:
            result = x if result is None else result * x
    assert result is not None
    return result


def sums_of_groups(counts: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sums (..., k) of counts or weights (..., n) over groups, which are numbered from 0 to k - 1, (n,)."""
    k = int(groups.max()) + 1
    if groups.size <= MATRIX:
        return counts @ np.eye(k)[groups]
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(groups[order]) > 0])
    return np.add.reduceat(counts[..., order], starts, axis=-1)


def expected_best(errors: np.ndarray, counts: np.ndarray, draws: int) -> np.ndarray:
    """Expected smallest error (...,) of some draws with replacement; errors (n,) and counts or weights (..., n)."""
    order = np.argsort(errors, kind="stable")
    return win_probabilities(counts[..., order], draws) @ errors[order]


def placed(values: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many networks of each resample lie below each of n values, and how many tie with it; each (..., n)."""
    _, groups = np.unique(values, return_inverse=True)
    tied = sums_of_groups(counts, groups)
    return (tied.cumsum(-1) - tied)[..., groups], tied[..., groups]


def spearman(x: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation (...,) of resamples (..., n); NaN where a resample holds one value only."""
    x, y = (centred_ranks(values, counts) for values in (x, y))
    weighted = counts * x
    return safe_ratio(
        (weighted * y).sum(-1), np.sqrt((weighted * x).sum(-1) * np.einsum("...i,...i,...i->...", counts, y, y))
    )


def centred_ranks(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mid-ranks (..., n) of values (n,) in resamples (..., n), less their mean."""
    if values.size <= MATRIX:
        half_below = (np.sign(values - values[:, None]) + 1) / 2  # 1 below, 1/2 tied, 0 above
        return counts @ (half_below - 0.5)
    below, tied = placed(values, counts)
    return below + tied / 2 - counts.sum(-1, keepdims=True) / 2


def safe_ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where the whole is not above 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)


# ---- Intervals -------------------------------------------------------------------------------------------------------


def bootstrap_intervals(
    statistic: Callable[[np.ndarray], tuple[np.ndarray, ...]], n: int, resampling: Resampling
) -> list[Interval]:
    """Percentile intervals of some statistics of counts (r, n), all from the same resamples of n networks.

    A resample in which a statistic is NaN counts as beyond both limits.
    """
    estimates = statistic(np.ones((1, n)))
    counts = drawn_counts(n, resampling.resamples, resampling.seed)
    parts = np.array_split(counts, -(-counts.size // NUMBERS_AT_ONCE))
    resampled = [np.concatenate(values) for values in zip(*map(statistic, parts), strict=True)]
    return [
        percentile_interval(estimate[0], values, resampling.level)
        for estimate, values in zip(estimates, resampled, strict=True)
    ]


def bca_limits(
    data: tuple[np.ndarray, ...],
    statistic: Callable[..., np.ndarray],
    levels: Sequence[float],
    resampling: Resampling,
    paired: bool = False,
) -> list[tuple[float, float]]:
    """Limits of the BCa bootstrap intervals of a statistic, one pair per level, all from the same resamples.

    Parameters
    ----------
    data : samples (n_i,), resampled independently of each other, or together where `paired`.
    statistic : takes resamples (..., n_i) and the keyword `axis`, and is vectorised over the other axes.
    levels : of the intervals, which replace that of `resampling`.
    """
    if all(np.ptp(sample) == 0 for sample in data):  # every resample is the same; BCa is undefined
        return [(float(statistic(*data, axis=0)),) * 2 for _ in levels]
    from scipy import stats  # here as in `intervals`

    options = {"method": "BCa", "batch": rows_at_once(4 * max(map(len, data))), "vectorized": True, "paired": paired}
    result, limits = None, []
    for level in levels:
        options |= {"n_resamples": 0 if result else resampling.resamples, "bootstrap_result": result}
        options |= {"confidence_level": check_level(level), "rng": resampling.seed}
        result = stats.bootstrap(data, statistic, **options)
        low, high = result.confidence_interval
        limits.append((float(low), float(high)))
    return limits


def mean_difference(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
    """Mean of a minus mean of b along an axis, a statistic for `bca_limits`."""
    return a.mean(axis) - b.mean(axis)


def weighted_quantiles(x: np.ndarray, weights: np.ndarray, shares: Sequence[float]) -> list[float]:
    """Quantiles of weighted values at some shares, not interpolated: values that occur."""
    return np.quantile(x, shares, weights=weights, method="inverted_cdf").tolist()
