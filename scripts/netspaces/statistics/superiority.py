"""How often a random network of one design space beats one of another, with an interval that holds near 0 and 1.

P = P(error of a < error of b) + P(equal) / 2. The interval is the wider of two. That of Brunner and Munzel (2000)
assumes nothing of the errors, not even equal spreads; on the scale of P it ends too soon near 1, where the variance is
that of the few pairs in the other order, so it is computed on the scale of log(P / (1 - P)) (Brunner, Bathke and
Konietschke 2018, section 3.7). That of Newcombe (2006, method 5) takes the variance from P itself and does not depend
on which few pairs were seen, as the other does where spreads are unequal.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.optimize import brentq
from scipy.special import expit, logit

from netspaces.statistics.intervals import Interval, clopper_pearson_slack, satterthwaite, t_reach
from netspaces.statistics.samples import finite_sample


def superiority(a: ArrayLike, b: ArrayLike, level: float = 0.95) -> Interval:
    """The probability that a network of a has a smaller error than one of b, ties counting half, with an interval.

    Where all pairs stand in one order there is no variance, but as many independent pairs as there are networks of the
    smaller population agree, so that others occur with at most the probability of Clopper and Pearson's limit.

    Parameters
    ----------
    a, b : (n_a,), (n_b,) errors in percent, two or more each.
    level : of the interval.

    Examples
    --------
    >>> found = superiority([8.0, 8.5, 9.0, 9.5], [9.2, 12.5, 13.0, 14.0])
    >>> found.estimate, found.low < 0.8 < found.high < 1
    (0.9375, True)
    """
    a, b = finite_sample(a, "a", at_least=2), finite_sample(b, "b", at_least=2)
    b_above, a_below = placements(a, b)
    estimate = float(b_above.mean())
    variances = [shares.var(ddof=1) / shares.size for shares in (b_above, a_below)]
    error, freedom = satterthwaite(variances, [shares.size - 1 for shares in (b_above, a_below)])
    if error == 0 or not 0 < estimate < 1:
        slack = clopper_pearson_slack(min(a.size, b.size), level)
        return Interval(estimate, (1 - slack) * estimate, (1 - slack) * estimate + slack, level)
    reach = t_reach(error / (estimate * (1 - estimate)), freedom, level)
    low, high = expit(logit(estimate) + np.array([-reach, reach]))
    return Interval(estimate, float(low), float(high), level).widened(*newcombe_limits(estimate, a.size, b.size, level))


def newcombe_limits(estimate: float, n_a: float, n_b: float, level: float) -> tuple[float, float]:
    """Limits of P (Newcombe 2006, method 5): the values from which an estimate in (0, 1) is z standard errors away.

    The variance at each value is that of exponential errors (Hanley and McNeil 1982), with mean sample sizes.
    """
    z, others = stats.norm.ppf((1 + level) / 2), (n_a + n_b) / 2 - 1

    def beyond(p: float) -> float:
        variance = p * (1 - p) * (1 + others * ((1 - p) / (2 - p) + p / (1 + p))) / (n_a * n_b)
        return float((p - estimate) ** 2 - z**2 * variance)

    return brentq(beyond, 0, estimate), brentq(beyond, estimate, 1)


def placements(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each network of a the share of b with a larger error, for each of b the share of a with a smaller one."""
    ranks = stats.rankdata(np.concatenate([a, b]))
    not_above = (ranks[: a.size] - stats.rankdata(a)) / b.size
    return 1 - not_above, (ranks[a.size :] - stats.rankdata(b)) / a.size
