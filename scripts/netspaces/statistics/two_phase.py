"""Estimates from networks that were trained with known, unequal probabilities: strata of a first phase of free draws.

The share of each stratum is known from thousands of free draws of the space, its networks are a simple random sample of
it. A network weighs as much as the networks that it stands for (Horvitz and Thompson 1952), so the mean is the sum of
the strata's means, each times its share. Its variance has a term per stratum and one for the free draws, which are
many and not endless (Cochran 1977, section 12.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.estimated_mean import EstimatedMean, sum_of_estimates
from netspaces.statistics.intervals import Interval, check_level, satterthwaite, t_reach
from netspaces.statistics.samples import finite_sample

LEAST = 2  # networks of a stratum


@dataclass(frozen=True, eq=False)
class TwoPhase:
    """A population drawn in two phases.

    Parameters
    ----------
    strata : errors (n_h,) of the trained networks of each stratum, percent, two or more.
    shares : (k,) the share of each stratum among the free draws.
    free : how many free draws there were.
    """

    strata: Sequence[np.ndarray]
    shares: np.ndarray
    free: int

    @classmethod
    def of(cls, errors: ArrayLike, stratum: ArrayLike, shares: Sequence[float] | np.ndarray, free: int) -> "TwoPhase":
        """The population from the errors (n,) of its networks and the stratum (n,) of each, a place in `shares`.

        Raises ValueError for a stratum of fewer than two networks, and for shares that are not all of a space.
        """
        errors, stratum = finite_sample(errors, "errors"), np.asarray(stratum)
        shares = finite_sample(shares, "shares")
        if abs(shares.sum() - 1) > 1e-9 or (shares <= 0).any():
            raise ValueError(f"shares: expected numbers above 0 with a sum of 1, got {shares.tolist()}")
        parts = [errors[stratum == place] for place in range(shares.size)]
        if sum(map(len, parts)) != errors.size or min(map(len, parts)) < LEAST:
            counts = [len(part) for part in parts]
            raise ValueError(f"stratum: expected {LEAST} networks or more of each stratum, got {counts}")
        return cls(parts, shares, free)

    @property
    def n(self) -> int:
        """Trained networks."""
        return sum(part.size for part in self.strata)

    @cached_property
    def errors(self) -> np.ndarray:
        """Errors (n,), stratum by stratum, percent."""
        return np.concatenate(self.strata)

    @cached_property
    def weights(self) -> np.ndarray:
        """The weights (n,) of `errors`, with a sum of 1."""
        sizes = [part.size for part in self.strata]
        return np.repeat(self.shares / sizes, sizes)

    # ---- The mean

    @cached_property
    def mean(self) -> float:
        """The mean error of the design space, percent."""
        return float(self.shares @ [part.mean() for part in self.strata])

    @cached_property
    def variances(self) -> list[tuple[float, int]]:
        """(variance of its part of the mean, degrees of freedom) of each stratum, and of the first phase."""
        means = np.array([part.mean() for part in self.strata])
        within = [
            (float(share**2 * part.var(ddof=1) / part.size), part.size - 1)
            for share, part in zip(self.shares, self.strata, strict=True)
        ]
        between = float(self.shares @ (means - self.mean) ** 2) / self.free
        return [*within, (between, max(self.free - 1, 1))]

    @cached_property
    def error(self) -> float:
        """The standard error of the mean, percentage points."""
        return float(np.sqrt(sum(variance for variance, _ in self.variances)))

    @cached_property
    def estimated(self) -> EstimatedMean:
        """The mean as one of those that sums are made of."""
        return EstimatedMean(self.mean, self.strata, self.shares.tolist(), self.variances)

    @cached_property
    def confidence(self) -> Confidence:
        """The mean with limits: the wider of Student's t and of the BCa bootstrap within strata."""
        return sum_of_estimates([self.estimated], [1.0])

    def interval(self, level: float) -> Interval:
        """The interval of the mean."""
        return self.confidence.interval(check_level(level))

    @cached_property
    def deviation(self) -> float:
        """The standard deviation of errors in the design space, percentage points; without bias in its square."""
        square = float(self.weights @ self.errors**2)
        return float(np.sqrt(max(square - self.mean**2 + self.error**2, 0.0)))

    @property
    def simple_error(self) -> float:
        """The standard error that the mean of as many networks of simple sampling would have, percentage points."""
        return self.deviation / float(np.sqrt(self.n))

    @property
    def n_simple(self) -> float:
        """The networks of simple sampling whose mean would be as sure; infinite for a standard error of 0."""
        return (self.deviation / self.error) ** 2 if self.error > 0 else float("inf")

    # ---- The distribution

    def share_below(self, error: float) -> float:
        """The share of the design space with an error of at most `error` percent: the weighted EDF."""
        return float(self.weights[self.errors <= error].sum())

    def quantile(self, share: float, level: float) -> Interval:
        """The error that a share of the design space does not pass, percent, with limits by inverting the EDF.

        An error is within the limits if the share at or below it does not differ from the wanted one by more than
        chance (Woodruff 1952). The share of each stratum has one network more on both sides, as in Agresti and Coull
        (1998), so that a stratum without any is not sure. A limit is NaN where the networks that there are do not
        reach as far.
        """
        order = np.argsort(self.errors, kind="stable")
        below = np.minimum(np.cumsum(self.weights[order]), 1.0)
        values = self.errors[order]
        estimate = float(values[np.searchsorted(below, share - 1e-12)])
        reach = self._reach(estimate, check_level(level))
        low, high = share - reach, share + reach
        return Interval(
            estimate,
            float(values[np.searchsorted(below, low - 1e-12)]) if low > 0 else float("nan"),
            float(values[np.searchsorted(below, high - 1e-12)]) if high < 1 else float("nan"),
            level,
        )

    def _reach(self, error: float, level: float) -> float:
        """Half of the width of the interval of the share of the space with an error of at most `error`."""
        variances = []
        for share, part in zip(self.shares, self.strata, strict=True):
            p = (np.count_nonzero(part <= error) + 1) / (part.size + 2)
            variances.append((float(share**2 * p * (1 - p) / part.size), part.size - 1))
        whole = self.share_below(error)
        variances.append((whole * (1 - whole) / self.free, max(self.free - 1, 1)))
        return t_reach(*satterthwaite(*zip(*variances, strict=True)), level)
