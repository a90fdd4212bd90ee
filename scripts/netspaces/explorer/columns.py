"""Columns of numbers and texts in JSON, small: a column of one value is that value, texts that repeat stand once."""

from typing import Any

import numpy as np
import pandas as pd


def packed(column: pd.Series) -> dict[str, Any]:
    """A column (n,) as plain JSON values; what is missing, or not finite, is null.

    `{"all": value}` if it has one value, `{"of": values, "at": places}` for texts that repeat, or `{"is": values}`.

    >>> packed(pd.Series(["x", "x"])), packed(pd.Series([1.0, 2.5])), packed(pd.Series([3.0, None]))
    ({'all': 'x'}, {'is': [1, 2.5]}, {'is': [3, None]})
    """
    values = [plain(value) for value in column]
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return {"all": distinct[0]}
    if all(isinstance(value, str) or value is None for value in distinct) and 2 * len(distinct) <= len(values):
        places = {value: place for place, value in enumerate(distinct)}
        return {"of": distinct, "at": [places[value] for value in values]}
    return {"is": values}


def plain(value: object) -> str | int | float | None:
    """A cell as JSON has it: a whole number without its point, null for what is missing or not finite."""
    if value is None or value is pd.NA:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return int(value)
    if not isinstance(value, int | float | np.integer | np.floating):
        return str(value)
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(value) if number.is_integer() else number
