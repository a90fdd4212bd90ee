"""Where claims of different units lie on one axis: left of 0 outside of the range that bears them out, right inside.

The unit is the length of a claim's limits towards the nearest end of its range: beyond 1 on either side it is decided.
"""

import numpy as np
import pandas as pd


def places(claims: pd.DataFrame) -> pd.DataFrame:
    """The estimates (x) and limits (lower, upper, likely_lower, likely_upper) of some claims in units of their own.

    `claims` are rows of the table of claims with limits of some width (`high` > `low`); the index stays.
    """
    above, below = claims["estimate"] - claims["range_low"], claims["range_high"] - claims["estimate"]
    sign = np.where(above <= below, 1.0, -1.0)  # the inside of the range lies to the right
    inside = np.minimum(above, below)

    def distances(low: str, high: str) -> tuple[np.ndarray, np.ndarray]:
        """From the estimate to the limits on the left and on the right, as drawn."""
        down, up = claims["estimate"] - claims[low], claims[high] - claims["estimate"]
        return np.where(sign > 0, down, up), np.where(sign > 0, up, down)

    left, right = distances("low", "high")
    near = np.where(inside >= 0, left, right)  # the limit towards the end of the range
    unit = np.where(near > 0, near, (left + right) / 2)
    likely_left, likely_right = distances("likely_low", "likely_high")
    drawn = {"x": inside, "lower": inside - left, "upper": inside + right}
    drawn |= {"likely_lower": inside - likely_left, "likely_upper": inside + likely_right}
    return pd.DataFrame({name: values / unit for name, values in drawn.items()}, index=claims.index)
