"""The resampling core: draws of networks in chunks, and BCa bootstrap intervals."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy import stats

from netspaces.statistics.intervals import Resampling, check_level

NUMBERS_AT_ONCE = 2**22  # bounds the memory of a resampling step to some tens of MB
SMALLEST_SE = 1e-9  # percent; a smaller standard error is rounding noise


def rows_at_once(numbers: int) -> int:
    """How many rows of so many numbers a resampling step handles at once; random streams depend on it."""
    return max(1, NUMBERS_AT_ONCE // int(numbers))


def drawn_rows(n: int, size: int, repeats: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Draw `repeats` rows of `size` indices below n with replacement, in chunks (rows, size)."""
    rows = rows_at_once(4 * size)
    for start in range(0, repeats, rows):
        yield rng.integers(n, size=(min(rows, repeats - start), size))


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
    options = {"method": "BCa", "batch": rows_at_once(4 * max(map(len, data))), "vectorized": True, "paired": paired}
    result, limits = None, []
    for level in levels:
        options |= {"n_resamples": 0 if result else resampling.resamples, "bootstrap_result": result}
        options |= {"confidence_level": check_level(level), "rng": resampling.seed}
        result = stats.bootstrap(data, statistic, **options)
        low, high = result.confidence_interval
        limits.append((float(low), float(high)))
    return limits


def win_probabilities(n: int, draws: int) -> np.ndarray:
    """Probability (n,) that the best of `draws` draws with replacement has rank 1..n."""
    return -np.diff((np.arange(n, -1, -1) / n) ** draws)


def weighted_quantiles(x: np.ndarray, weights: np.ndarray, shares: Sequence[float]) -> list[float]:
    """Quantiles of weighted values at some shares, not interpolated: values that occur."""
    return np.quantile(x, shares, weights=weights, method="inverted_cdf").tolist()
