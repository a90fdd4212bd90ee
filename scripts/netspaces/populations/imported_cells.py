"""Cells of other people's tables: text -> numbers, with nothing guessed.

A number is read where only one reading of its text is possible; for any other text the functions here return None, and
their callers say which row and column it stands in.
"""

import math
import re

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)  # 1,234,567.8
CLOCK = re.compile(r"(?:(\d+) days?,? )?(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)", re.ASCII)  # 1 day, 2:03:04
EMPTY = frozenset({"", "-", "na", "n/a", "#n/a", "<na>", "null", "none"})
"""What stands for no value, in small letters. A number that is none (nan) is a value: that of a network that failed."""
SWAPPED = str.maketrans(",.", ".,")


def is_empty(text: str) -> bool:
    """Whether a cell holds no value."""
    return text.strip().lower() in EMPTY


def number(text: str, decimal: str | None = None) -> float | None:
    """A finite number, NaN, an infinity, or None for a text that is none of these or that may be two numbers.

    `decimal` is the mark before decimals, `point` or `comma`, if it is known: else `1,234` may be 1234 or 1.234.

    >>> number("12.5"), number("1,234.5"), number("1,234"), number("1,234", "comma"), number("100 ep")
    (12.5, 1234.5, None, 1.234, None)
    """
    text = text.strip()
    if decimal == "comma":
        text = text.translate(SWAPPED)
    if PLAIN.fullmatch(text):
        return float(text)
    if GROUPED.fullmatch(text) and (decimal or "." in text or text.count(",") > 1):
        return float(text.replace(",", ""))
    return not_finite(text)


def not_finite(text: str) -> float | None:
    """NaN or an infinity, None for any other text."""
    bare = text.strip().lower().removeprefix("+")
    return float(bare) if bare.removeprefix("-") in ("nan", "inf", "infinity") else None


def seconds(text: str, decimal: str | None = None) -> float | None:
    """A number of seconds, or a time as h:m:s; `12:30` may be two times and is None.

    >>> seconds("0:00:30"), seconds("1 day, 2:03:04.5"), seconds("12:30")
    (30.0, 93784.5, None)
    """
    if clock := CLOCK.fullmatch(text.strip()):
        days, hours, minutes, rest = clock.groups()
        return 86400 * int(days or 0) + 3600 * int(hours) + 60 * int(minutes) + float(rest)
    return number(text, decimal)


def numbers(texts: list[str], decimal: str | None = None) -> list[float] | None:
    """A whole column as numbers, empty cells as NaN; None if one cell is no number, or is infinite, or all are empty.

    Whole numbers stay whole where no cell is empty.
    """
    values, whole = [], True
    for text in texts:
        value = math.nan if is_empty(text) else number(text, decimal)
        if value is None or math.isinf(value):
            return None
        whole = whole and value.is_integer() and "e" not in text and "." not in text and "," not in text
        values.append(value)
    if not values or all(map(math.isnan, values)):
        return None
    if not whole:
        return values
    found: list[float] = [int(text) for text in texts]
    return found if max(map(abs, found)) < 2**63 else None  # identifiers of more digits stay texts
