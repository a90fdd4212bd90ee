"""The smallest difference from one mean to the next: above 0 if they stand in order."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from netspaces.statistics.intervals import Interval, Resampling
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantities.contrast import contrast
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Interval:
    """The smallest step; the limits of the smallest are the smallest limits of steps that hold together."""
    each = resampling.simultaneous(len(samples) - 1)
    steps = [contrast(pair, (1.0, -1.0), each) for pair in pairwise(samples)]
    estimate, low, high = (float(np.min([getattr(step, end) for step in steps])) for end in ("estimate", "low", "high"))
    return Interval(estimate, low, high, resampling.level)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY)
