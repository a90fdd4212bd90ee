"""Differences of design spaces of which each was drawn in two phases, or at random, which is one stratum.

Each network counts as those that it stands for in both statistics: the difference of the means, and the probability
that a random network of one space beats one of the other.
"""

import numpy as np
from scipy.special import expit, logit

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.estimated_mean import sum_of_estimates
from netspaces.statistics.intervals import Interval, clopper_pearson_slack, satterthwaite, t_reach
from netspaces.statistics.superiority import newcombe_limits
from netspaces.statistics.two_phase import TwoPhase


def difference(a: TwoPhase, b: TwoPhase) -> Confidence:
    """Mean error of a minus mean error of b, percentage points: the wider of Student's t and of BCa within strata."""
    return sum_of_estimates([a.estimated, b.estimated], [1.0, -1.0])


def p_of_no_difference(found: Confidence) -> float:
    """The two-sided p value of a difference of 0, by inverting its limits."""
    return min(1.0, 2 * min(found.p_not_below(0.0), found.p_not_above(0.0)))


def weighted_superiority(a: TwoPhase, b: TwoPhase, level: float = 0.95) -> Interval:
    """The probability that a random network of a's space has a smaller error than one of b's, ties counting half.

    Its variance is that of the means of two populations in two phases: of the share of b's space that each network of
    a beats, and of the share of a's space that beats each network of b. Limits are those of `superiority`: Student's on
    the scale of log(P / (1 - P)) or Newcombe's if wider, with as many networks as equal weights would leave of them
    (Kish 1965). Where all pairs stand in one order, each stratum may hide so much as its networks alone leave open.
    """
    b_above = _replaced(a, 1 - _shares_below(a.errors, b))
    a_below = _replaced(b, _shares_below(b.errors, a))
    estimate = b_above.mean
    error, freedom = satterthwaite(*zip(*b_above.variances, *a_below.variances, strict=True))
    if error == 0 or not 0 < estimate < 1:
        slack = max(_hidden(of, level) for of in (a, b))
        return Interval(estimate, (1 - slack) * estimate, (1 - slack) * estimate + slack, level)
    reach = t_reach(error / (estimate * (1 - estimate)), freedom, level)
    low, high = expit(logit(estimate) + np.array([-reach, reach]))
    interval = Interval(estimate, float(low), float(high), level)
    return interval.widened(*newcombe_limits(estimate, _equal(a), _equal(b), level))


def _shares_below(errors: np.ndarray, of: TwoPhase) -> np.ndarray:
    """For each error (m,) the share of a design space with a smaller one, and half of that with an equal one."""
    order = np.argsort(of.errors, kind="stable")
    values, below = of.errors[order], np.r_[0.0, np.cumsum(of.weights[order])]
    return (below[np.searchsorted(values, errors, "left")] + below[np.searchsorted(values, errors, "right")]) / 2


def _replaced(of: TwoPhase, values: np.ndarray) -> TwoPhase:
    """The population with other values (n,) of its networks, in the order of `errors`."""
    ends = np.cumsum([part.size for part in of.strata])[:-1]
    return TwoPhase(np.split(values, ends), of.shares, of.free)


def _hidden(of: TwoPhase, level: float) -> float:
    """The largest share of a design space that may be in the other order though no network is."""
    return float(sum(w * clopper_pearson_slack(x.size, level) for w, x in zip(of.shares, of.strata, strict=True)))


def _equal(of: TwoPhase) -> float:
    """The number of networks of equal weight whose weights have the same sum of squares."""
    return float(1 / np.square(of.weights).sum())
