"""Numbers as people write them: finite ones, and whole ones, for which 2.0 is as good as 2."""

import math
from numbers import Real
from typing import Any


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, Real) and not isinstance(value, bool) and -math.inf < value < math.inf  # type: ignore[operator]


def whole_number(what: str, value: Any, least: int = 0) -> int:
    """A whole number; raises ValueError, in one line, for what is none or less than `least`."""
    if not is_number(value) or value != int(value) or value < least:
        raise ValueError(f"{what}: got {value!r}, expected a whole number, at least {least}")
    return int(value)
