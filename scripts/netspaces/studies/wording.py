"""Numbers as figures and tables print them."""

import math

from netspaces.statistics.intervals import Interval

NONE = "–"  # stands where there is no number


def number(value: float, digits: int = 3) -> str:
    """A number in as few characters as `digits` significant digits take; whole numbers in full.

    >>> number(64.0), number(18.8125), number(0.00012345, 2)
    ('64', '18.8', '0.00012')
    """
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.{digits}g}"


def interval_text(interval: Interval, decimals: int = 2, sign: str = "", times: str = "") -> str:
    """An estimate with its interval in brackets; `sign` "+" writes the signs, `times` stands before the estimate.

    A dash stands for what there is not: an interval may lack a limit.

    >>> interval_text(Interval(0.5, 0.25, 0.75, 0.95)), interval_text(Interval(1.0, -1.0, 3.0, 0.95), 1, "+")
    ('0.50 [0.25, 0.75]', '+1.0 [-1.0, +3.0]')
    """
    values = (interval.estimate, interval.low, interval.high)
    estimate, low, high = (NONE if math.isnan(v) else f"{v:{sign}.{decimals}f}" for v in values)
    return f"{times}{estimate} [{low}, {high}]"


def change_text(interval: Interval, factor: bool) -> str:
    """A change with its interval: a factor behind a cross, or a difference with its sign.

    >>> change_text(Interval(2.0, 1.5, 2.5, 0.95), factor=True)
    '×2.00 [1.50, 2.50]'
    """
    return interval_text(interval, times="×") if factor else interval_text(interval, sign="+")
