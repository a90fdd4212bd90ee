"""The distribution of errors of a population drawn in two phases, with a simultaneous band.

F(e) is the sum of the strata's distribution functions, each times its share. The band is as many standard errors wide
at every point as holds the whole curve in the share `level` of simulated populations. These are drawn from a
distribution close to the estimated one, in which each stratum has one network more on both sides of all others (after
Agresti and Coull 1998): a few networks on one side of an error do not mean that none of their stratum is on the other.
"""

import numpy as np

from netspaces.statistics.estimated_edf import EstimatedEdf
from netspaces.statistics.intervals import DEFAULT, Resampling
from netspaces.statistics.resampling import rows_at_once
from netspaces.statistics.two_phase import TwoPhase


def distribution(of: TwoPhase, resampling: Resampling = DEFAULT) -> EstimatedEdf:
    """The distribution of errors of the design space, computed at the errors of its networks."""
    at = np.unique(of.errors)
    sizes = np.array([part.size for part in of.strata])
    below = np.array([(part[:, None] <= at).sum(axis=0) for part in of.strata])
    likely = (below + 1) / (sizes[:, None] + 2)  # (strata, k)
    critical = _critical(of, likely, sizes, resampling)
    variance = _variances(below[:, None], of.shares[:, None], sizes, of.free)[0]
    return EstimatedEdf.within(at, of.shares @ (below / sizes[:, None]), np.sqrt(variance), critical, resampling.level)


def _critical(of: TwoPhase, likely: np.ndarray, sizes: np.ndarray, resampling: Resampling) -> float:
    """How many standard errors simulated curves lie from the one that they are drawn from, where they do so most.

    `likely` (strata, k) are the shares of each stratum that err by at most so much, in the simulation.
    """
    rng, farthest = resampling.generator(), []
    between = np.diff(likely, prepend=0.0, append=1.0)
    for start in range(0, resampling.resamples, rows := rows_at_once(2 * likely.size)):
        count = min(rows, resampling.resamples - start)
        shares = rng.multinomial(of.free, of.shares, count).T / of.free  # (strata, count)
        networks = [rng.multinomial(n, p, count) for n, p in zip(sizes, between, strict=True)]
        below = np.cumsum(networks, axis=2)[:, :, :-1]
        curves = np.einsum("sr,srk->rk", shares, below / sizes[:, None, None])
        standard = np.sqrt(_variances(below, shares, sizes, of.free))
        farthest.append((np.abs(curves - of.shares @ likely) / standard).max(axis=1))
    return float(np.quantile(np.concatenate(farthest), resampling.level))


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
