"""Claims of different units on one axis: beyond 1 on either side of 0 exactly where their limits decide them."""

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from netspaces.studies.claims.places import places

NUMBERS = st.floats(-100, 100).map(lambda x: round(x, 3))


@settings(max_examples=40)
@given(st.tuples(*[NUMBERS] * 3), st.tuples(NUMBERS, NUMBERS), st.sampled_from(["both", "low", "high"]))
def test_beyond_1_are_the_claims_whose_limits_cross_no_end_of_their_range(limits, ends, closed):
    low, estimate, high = sorted(limits)
    start, end = sorted(ends)
    assume(min(estimate - low, high - estimate, end - start) > 0.01)
    start, end = start if closed != "high" else -np.inf, end if closed != "low" else np.inf
    row = {"estimate": estimate, "low": low, "high": high, "range_low": start, "range_high": end}
    x = places(pd.DataFrame([row | {"likely_low": low, "likely_high": high}]))["x"].iloc[0]
    above, below = estimate - start, end - estimate
    if abs(above - below) < 0.01 or min(abs(start - low), abs(end - high), abs(low - end), abs(high - start)) < 0.01:
        return  # ties, and limits on an end
    confirmed, contradicted = start < low and high < end, high < start or low > end
    nearest_holds = low > start if above <= below else high < end
    assert (x > 1) == (nearest_holds and min(above, below) >= 0) and (not confirmed or x > 1)
    assert (x < -1) == contradicted
