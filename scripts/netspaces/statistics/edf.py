"""Error distributions of populations: the empirical distribution function with a simultaneous band.

Errors are top-1 errors in percent (0-100), one per network, finite. A bad argument raises a ValueError that names it.

Sources: "Designing Network Design Spaces" (arXiv 2003.13678, DDS), section 3.1; Massart 1990; Aldor-Noiman, Brown,
Buja, Rolke and Stine 2013 for bands of equal local levels.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.intervals import check_level
from netspaces.statistics.resampling import NUMBERS_AT_ONCE
from netspaces.statistics.samples import finite_sample

SAMPLES = 4000  # of uniform numbers, whose extremes give the band of equal local levels
SIMULATED = 1000  # networks up to which they are drawn

MANY = 2000  # jumps of a curve: more of them lie closer than a printer's dots


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

    def local_band(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper edge of the band of equal local levels where F is `share` (any shape, multiples of 1 / n).

        It holds the whole distribution function as often as `band` says, and is much narrower at the good end, where
        the other reaches 0: at n = 500 and a share of 5 %, 7 points wide and not 11. In the middle it is wider.
        """
        from scipy import stats  # here as in `intervals`

        below = np.rint(np.asarray(share) * self.n)
        error = local_error(self.n, self.level) / 2
        lower = np.where(below > 0, stats.beta.ppf(error, np.maximum(below, 1), self.n - below + 1), 0.0)
        upper = np.where(below < self.n, stats.beta.isf(error, below + 1, np.maximum(self.n - below, 1)), 1.0)
        return lower, upper

    def steps(self, limits: tuple[float, float] | None = None) -> tuple[np.ndarray, ...]:
        """Vertices (x, y, lower, upper) of the step line, each (k,), for `plot` and `fill_between`.

        Two vertices per distinct error, and one at each of `limits` (percent), which may widen x. The band is
        simultaneous: it holds at every error, also below the smallest and above the largest of the sample, so a drawing
        gives the limits of its axis.
        """
        values = np.unique(self.errors)
        after = np.searchsorted(self.errors, values, side="right") / self.n
        x, y = step_vertices(values, after, limits)
        return x, y, *self.band(y)


def step_vertices(
    values: np.ndarray, after: np.ndarray, limits: tuple[float, float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (x, y) of a distribution function: two at each of its jumps, and one at each of `limits`.

    Of more than `MANY` jumps those are left out that no drawing shows: the curve stays within 1 / `MANY` of itself.

    Parameters
    ----------
    values : (k,) where it jumps, ascending, distinct.
    after : (k,) its value behind each jump.
    limits : of the axis; they may widen x, and do not cut it.
    """
    if len(values) > MANY:
        kept = visible_jumps(after)
        values, after = values[kept], after[kept]
    x, y = np.repeat(values, 2), np.column_stack([np.r_[0.0, after[:-1]], after]).ravel()
    if limits is None:
        return x, y
    return np.r_[min(limits[0], x[0]), x, max(limits[1], x[-1])], np.r_[0.0, y, 1.0]


def visible_jumps(after: np.ndarray) -> np.ndarray:
    """Which jumps (k,) a drawing shows: the first, the last, and those that pass another multiple of 1 / `MANY`.

    `after` (k,) is the value behind each jump, ascending from above 0 to 1. Without the others, the function is nowhere
    greater than before, and less by less than 1 / `MANY`.
    """
    level = np.floor(after * MANY)
    kept = level > np.r_[0.0, level[:-1]]
    kept[[0, -1]] = True
    return kept


def edf(errors: ArrayLike, level: float = 0.95) -> Edf:
    """Error distribution of a population, with a simultaneous confidence band.

    The band of Dvoretzky, Kiefer and Wolfowitz with Massart's constant, of half-width
    sqrt(log(2 / (1 - level)) / 2n), holds the entire distribution function of the design space
    with a probability of at least `level`, at every n.

    Parameters
    ----------
    errors : (n,) percent.
    level : confidence of the band, in (0, 1).

    Examples
    --------
    >>> import netspaces
    >>> distribution = netspaces.edf([8.0, 9.0, 9.0, 12.0])
    >>> distribution.mean, float(distribution(9.5))
    (9.5, 0.75)
    """
    errors = np.sort(finite_sample(errors, "errors"))
    half_width = dkw_half_width(errors.size, level)
    return Edf(
        errors=errors,
        n=errors.size,
        minimum=float(errors[0]),
        mean=float(errors.mean()),
        level=level,
        half_width=half_width,
    )


def dkw_half_width(n: float, level: float) -> float:
    """Half the height of the band of Dvoretzky, Kiefer and Wolfowitz: n networks, or as many as weights leave of them.

    >>> round(dkw_half_width(32, 0.95), 2)
    0.24
    """
    return float(np.sqrt(np.log(2 / (1 - check_level(level))) / (2 * n)))


@cache
def local_error(n: int, level: float) -> float:
    """The error at each order statistic of n that makes a band of equal local levels hold with confidence `level`.

    The share `level` of simulated samples of uniform numbers, always the same ones, lie wholly within their Beta
    quantiles at that error (Aldor-Noiman et al. 2013). Beyond SIMULATED networks it falls as the asymptotic law does,
    as one over log n log log n (Gontscharuk, Landwehr and Finner 2015).
    """
    from scipy.special import betainc  # here as in `intervals`

    check_level(level)
    if n > SIMULATED:
        return float(local_error(SIMULATED, level) * _slow_growth(SIMULATED) / _slow_growth(n))
    rng, ranks, extremes = np.random.default_rng(0), np.arange(1, n + 1), []
    rows = max(1, NUMBERS_AT_ONCE // (4 * n))
    for start in range(0, SAMPLES, rows):
        uniform = np.sort(rng.random((min(rows, SAMPLES - start), n)), axis=1)
        below = betainc(ranks, n - ranks + 1, uniform)
        extremes.append(2 * np.minimum(below, 1 - below).min(axis=1))
    return float(np.quantile(np.concatenate(extremes), 1 - level))


def _slow_growth(n: int) -> float:
    return float(np.log(n) * np.log(np.log(n)))


def legend_label(errors: ArrayLike, name: str) -> str:
    """Legend entry of DDS: [minimum|mean] and name.

    >>> legend_label([39.0, 59.0], "AnyNetX")
    '[39.0|49.0] AnyNetX'
    """
    errors = finite_sample(errors, "errors")
    return f"[{errors.min():.1f}|{errors.mean():.1f}] {name}"
