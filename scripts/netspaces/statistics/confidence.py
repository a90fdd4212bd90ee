"""Estimates with one-sided confidence limits at every level, and the p values that follow by inverting them.

A verdict asks how sure one may be that a quantity lies above or below an edge. The answer is the smallest error at
which the one-sided limit still lies beyond the edge: a p value. Limits at any error, rather than one interval at one
level, let a list of verdicts choose its levels afterwards (Holm, Benjamini and Hochberg).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netspaces.statistics.intervals import Interval

Limit = Callable[[float], float]
"""Takes the one-sided error, in (0, 1/2], and gives the limit; a smaller error gives a limit farther out."""

SMALLEST_ERROR = 1e-9  # p values below it are not told apart
STEPS = 40  # of bisection, on the scale of logarithms


@dataclass(frozen=True, eq=False)
class Confidence:
    """An estimate with lower and upper one-sided limits at every error; limits are NaN where nothing is sure."""

    estimate: float
    lower: Limit
    upper: Limit

    @classmethod
    def point(cls, value: float) -> "Confidence":
        """What is known exactly."""
        return cls(value, lambda error: value, lambda error: value)

    @classmethod
    def unknown(cls, estimate: float = math.nan) -> "Confidence":
        """An estimate of which nothing is sure."""
        return cls(estimate, lambda error: math.nan, lambda error: math.nan)

    @property
    def is_known(self) -> bool:
        """Whether there are limits."""
        return not math.isnan(self.lower(0.25)) and not math.isnan(self.upper(0.25))

    @property
    def is_exact(self) -> bool:
        """Whether the value is known exactly."""
        return self.lower(SMALLEST_ERROR) == self.upper(SMALLEST_ERROR)

    def limits(self, error: float) -> Interval:
        """Both limits, each with a one-sided error; the interval's level is that of each limit alone."""
        return Interval(self.estimate, self.lower(error), self.upper(error), 1 - error)

    def interval(self, level: float) -> Interval:
        """The two-sided interval, with half of the error on each side."""
        low, high = self.lower((1 - level) / 2), self.upper((1 - level) / 2)
        return Interval(self.estimate, low, high, level)

    # ---- p values

    def p_below(self, edge: float) -> float:
        """p value of the null that the quantity lies below an edge: small if it is surely there or above."""
        return smallest_error(lambda error: self.lower(error) >= edge)

    def p_above(self, edge: float) -> float:
        """p value of the null that the quantity lies above an edge."""
        return smallest_error(lambda error: self.upper(error) <= edge)

    def p_not_below(self, edge: float) -> float:
        """p value of the null that the quantity lies at an edge or above: small if it is surely below."""
        return smallest_error(lambda error: self.upper(error) < edge)

    def p_not_above(self, edge: float) -> float:
        """p value of the null that the quantity lies at an edge or below."""
        return smallest_error(lambda error: self.lower(error) > edge)


def smallest_error(rejects: Callable[[float], bool]) -> float:
    """The smallest error at which a limit rejects, to three digits; 1 if it does not at one half."""
    if not rejects(0.5):
        return 1.0
    if rejects(SMALLEST_ERROR):
        return SMALLEST_ERROR
    low, high = math.log(SMALLEST_ERROR), math.log(0.5)
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if rejects(math.exp(middle)) else (middle, high)
    return math.exp(high)


# ---- Several at once -------------------------------------------------------------------------------------------------


def wider(*of: Confidence) -> Confidence:
    """One quantity with several limits: the farther out of each, without those that there are not."""

    def lower(error: float) -> float:
        return min((limit for c in of if not math.isnan(limit := c.lower(error))), default=math.nan)

    def upper(error: float) -> float:
        return max((limit for c in of if not math.isnan(limit := c.upper(error))), default=math.nan)

    return Confidence(of[0].estimate, lower, upper)


def smallest(of: Sequence[Confidence]) -> Confidence:
    """The smallest of k quantities.

    It is above an edge if all are, each tested at the whole error (an intersection-union test, Berger 1982); it is
    below an edge if any is, so that only upper limits share the error (Bonferroni).
    """
    return Confidence(
        estimate=_extreme(min, [c.estimate for c in of]),
        lower=lambda error: _extreme(min, [c.lower(error) for c in of]),
        upper=lambda error: _extreme(min, [c.upper(error / len(of)) for c in of]),
    )


def largest_size(of: Sequence[Confidence]) -> Confidence:
    """The largest of k quantities without their signs.

    It is below an edge if all lie between both edges, each side tested at the whole error (two one-sided tests); it is
    above one if any lies beyond one of its 2 k edges, so that lower limits share the error.
    """

    def lower(error: float) -> float:
        each = error / (2 * len(of))
        return _extreme(max, [0.0, *(c.lower(each) for c in of), *(-c.upper(each) for c in of)])

    def upper(error: float) -> float:
        return _extreme(max, [*(-c.lower(error) for c in of), *(c.upper(error) for c in of)])

    return Confidence(_extreme(max, [abs(c.estimate) for c in of]), lower, upper)


def _extreme(of: Callable[[Sequence[float]], float], values: Sequence[float]) -> float:
    """The smallest or largest of some numbers; NaN if any is."""
    return math.nan if any(map(math.isnan, values)) else float(of(values))


def student(estimate: float, error: float, freedom: float) -> Confidence:
    """Student's t limits of an estimate with a standard error and degrees of freedom."""
    from scipy import special  # here as in `intervals`

    def reach(side_error: float) -> float:
        return -error * float(special.stdtrit(freedom, side_error))

    return Confidence(estimate, lambda e: estimate - reach(e), lambda e: estimate + reach(e))
