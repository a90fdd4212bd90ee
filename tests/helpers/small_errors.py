"""Errors of an invented population."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st


def population(rng: np.random.Generator, n: int, low: float = 38.0, scale: float = 4.0):
    """Skewed errors as design spaces show them: mean low + 2 scale, long right tail."""
    return low + rng.gamma(2.0, scale, n)


laws = settings(deadline=None, derandomize=True, max_examples=60)
# coarse values, so that ties are common, as they are with small test sets
ERRORS = st.lists(st.integers(0, 40).map(lambda k: k * 2.5), min_size=1, max_size=40)
