"""Errors of an invented population."""

import numpy as np


def population(rng: np.random.Generator, n: int, low: float = 38.0, scale: float = 4.0):
    """Skewed errors as design spaces show them: mean low + 2 scale, long right tail."""
    return low + rng.gamma(2.0, scale, n)
