"""The distribution of errors of a population drawn in two phases, with a simultaneous band; the gap between two.

F(e) is the sum of the strata's distribution functions, each times its share. The band is as many standard errors wide
at every point as holds the whole curve in the share `level` of simulated populations. These are drawn from a
distribution close to the estimated one, in which each stratum has one network more on both sides of all others (after
Agresti and Coull 1998): a few networks on one side of an error do not mean that none of their stratum is on the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netspaces.statistics.estimated_edf import EstimatedEdf
from netspaces.statistics.intervals import DEFAULT, Resampling
from netspaces.statistics.resampling import rows_at_once
from netspaces.statistics.two_phase import TwoPhase


def distribution(of: TwoPhase, resampling: Resampling = DEFAULT) -> EstimatedEdf:
    """The distribution of errors of the design space, computed at the errors of its networks."""
    at = np.unique(of.errors)
    law = Law.of(of, at)
    standard = np.sqrt(_variances(law.below[:, None], of.shares[:, None], law.sizes, of.free)[0])
    return EstimatedEdf.within(at, law.curve, standard, _critical(law, resampling), resampling.level)


def largest_gap(a: TwoPhase, b: TwoPhase, resampling: Resampling = DEFAULT) -> tuple[float, float]:
    """The largest gap between two distributions of errors, and the p value of none: weighted Kolmogorov and Smirnov.

    The p value is the share of simulated pairs of which the curves deviate from those that they are drawn from by as
    much somewhere, one from the other (the bootstrap of a centred difference: van der Vaart and Wellner 1996, section
    3.7). As much is within half a step of the coarser curve, the usual correction of what can only change in steps.
    """
    at = np.unique(np.concatenate([a.errors, b.errors]))
    laws = [Law.of(of, at) for of in (a, b)]
    gap = float(np.abs(laws[0].curve - laws[1].curve).max())
    step = max(float(np.square(of.weights).sum()) for of in (a, b))
    rng, as_far = resampling.generator(), 0
    for count in _counts(resampling, sum(law.likely.size for law in laws)):
        first, second = (law.drawn(rng, count)[0] - law.centre for law in laws)
        as_far += int(np.count_nonzero(np.abs(first - second).max(axis=1) >= gap - step / 2))
    return gap, (as_far + 1) / (resampling.resamples + 1)


@dataclass(frozen=True, eq=False)
class Law:
    """What curves are drawn from in simulations, computed at some errors.

    Parameters
    ----------
    population : drawn in two phases.
    sizes : (strata,) its trained networks.
    below : (strata, k) of them, those that err by at most so much.
    """

    population: TwoPhase
    sizes: np.ndarray
    below: np.ndarray

    @classmethod
    def of(cls, of: TwoPhase, at: np.ndarray) -> "Law":
        """The law of a population at ascending errors `at` (k,), percent."""
        below = np.array([(part[:, None] <= at).sum(axis=0) for part in of.strata])
        return cls(of, np.array([part.size for part in of.strata]), below)

    @property
    def curve(self) -> np.ndarray:
        """The weighted distribution function (k,)."""
        return self.population.shares @ (self.below / self.sizes[:, None])

    @property
    def likely(self) -> np.ndarray:
        """The shares (strata, k) of each stratum that err by at most so much, with one network more on both sides."""
        return (self.below + 1) / (self.sizes[:, None] + 2)

    @property
    def centre(self) -> np.ndarray:
        """The distribution function (k,) of the simulated space."""
        return self.population.shares @ self.likely

    def drawn(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Simulated curves (count, k); their networks below (strata, count, k) and shares of strata (strata, count)."""
        between = np.diff(self.likely, prepend=0.0, append=1.0)
        shares = rng.multinomial(self.population.free, self.population.shares, count).T / self.population.free
        networks = [rng.multinomial(n, p, count) for n, p in zip(self.sizes, between, strict=True)]
        below = np.cumsum(networks, axis=2)[:, :, :-1]
        return np.einsum("sr,srk->rk", shares, below / self.sizes[:, None, None]), below, shares


def _critical(law: Law, resampling: Resampling) -> float:
    """How many standard errors simulated curves lie from the one that they are drawn from, where they do so most."""
    rng, farthest = resampling.generator(), []
    for count in _counts(resampling, law.likely.size):
        curves, below, shares = law.drawn(rng, count)
        standard = np.sqrt(_variances(below, shares, law.sizes, law.population.free))
        farthest.append((np.abs(curves - law.centre) / standard).max(axis=1))
    return float(np.quantile(np.concatenate(farthest), resampling.level))


def _counts(resampling: Resampling, values: int) -> Iterator[int]:
    """How many curves to simulate at once, until there are as many as resamples; `values` are those of one."""
    rows = rows_at_once(2 * values)
    for start in range(0, resampling.resamples, rows):
        yield min(rows, resampling.resamples - start)


def _variances(below: np.ndarray, shares: np.ndarray, sizes: np.ndarray, free: int) -> np.ndarray:
    """The variances (r, k) of curves: of both phases, with one network more on both sides in each stratum.

    Parameters
    ----------
    below : (strata, r, k) networks of each stratum that err by at most so much.
    shares : (strata, r) of the strata.
    """
    n = sizes[:, None, None]
    p = (below + 1) / (n + 2)
    whole = np.einsum("sr,srk->rk", shares, p)
    return np.einsum("sr,srk->rk", shares**2, p * (1 - p) / n) + whole * (1 - whole) / free
