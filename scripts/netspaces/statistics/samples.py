"""Samples of networks: checked values, and errors on a logarithmic scale."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike


def finite_sample(values: ArrayLike, name: str, at_least: int = 1) -> np.ndarray:
    """Values as an array (n,); raises ValueError that names them where one is not finite or there are too few."""
    sample = np.asarray(values, dtype=float)
    if sample.ndim != 1 or sample.size < at_least or not np.isfinite(sample).all():
        seen = f"shape {sample.shape}, {np.sum(~np.isfinite(sample))} not finite"
        raise ValueError(f"{name}: expected {at_least} or more finite numbers, got {seen}")
    return sample


def finite_pairs(x: ArrayLike, errors: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """A parameter and the errors of the same networks, (n,) each; raises ValueError as `finite_sample` does."""
    x, errors = finite_sample(x, "x"), finite_sample(errors, "errors")
    if x.size != errors.size:
        raise ValueError(f"x: expected one value per error ({errors.size}), got {x.size}")
    return x, errors


def log_errors(errors: ArrayLike, logarithm: Callable[[np.ndarray], np.ndarray] = np.log2) -> np.ndarray:
    """Logarithms of errors of any shape, so that a difference means a factor.

    An error of 0 counts as half the smallest other, as 1 where all are 0.
    """
    errors = np.asarray(errors, float)
    positive = errors[errors > 0]
    return logarithm(np.maximum(errors, positive.min() / 2 if positive.size else 1.0))
