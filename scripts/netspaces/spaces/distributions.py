"""Distributions of one design parameter: a uniform number in [0, 1) becomes a value, in most of them a quantised one.

The quantisation is that of the authors' code (log-uniform values are rounded up to a multiple of the step), so that a
declared range means here what it means there.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from netspaces.networks.numbers import is_number

KINDS = ("uniform", "log_uniform")
DECIMALS = 10  # multiples of a step like 0.1 are rounded to this many decimals, so that 0.3 is 0.3


@dataclass(frozen=True)
class Distribution:
    """The distribution of one parameter: `kind` is constant, choice, per_stage, uniform or log_uniform.

    The values of per_stage are constants, one for each stage. A step of 0 is a continuous range.
    """

    kind: str
    values: tuple[float, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0

    @classmethod
    def from_config(cls, name: str, declared: Mapping | float, step: float = 1) -> "Distribution":
        """From its declaration: a number, `{choice: [...]}`, `{per_stage: [...]}` or `{distribution, low, high, step}`.

        `step` is that of a range that states none, 0 for a continuous one. Raises ValueError naming the parameter for
        an incomplete or empty range and for one that is not a multiple of the step.
        """
        if wrong := [value for value in _numbers(declared) if not is_number(value)]:
            raise ValueError(f"{name}: got {wrong[0]!r}, expected a finite number")
        if not isinstance(declared, Mapping):
            return cls("constant", (declared,))
        if "choice" in declared:
            return cls("choice", tuple(declared["choice"]))
        if "per_stage" in declared:
            return cls("per_stage", tuple(declared["per_stage"]))
        if missing := [key for key in ("distribution", "low", "high") if key not in declared]:
            raise ValueError(f"{name}: missing key {missing[0]!r}, a range has distribution, low and high")
        if declared["distribution"] not in KINDS:
            raise ValueError(f"{name}: distribution is {declared['distribution']!r}, expected {' or '.join(KINDS)}")
        low, high, step = declared["low"], declared["high"], declared.get("step", step)
        if not 0 < low <= high < math.inf:
            raise ValueError(f"{name}: low {low} and high {high} must satisfy 0 < low <= high")
        for bound in (low, high) if step else ():
            multiple = round(bound / step)
            if multiple < 1 or abs(bound / step - multiple) > 1e-6:
                raise ValueError(f"{name}: {bound} is not a multiple of step {step}")
        return cls(declared["distribution"], (), low, high, step)

    @property
    def levels(self) -> int:
        """How many different values the parameter can take; not for a continuous range."""
        if self.kind == "per_stage":
            return 1
        if self.kind in ("constant", "choice"):
            return len(set(self.values))
        return round((self.high - self.low) / self.step) + 1

    @property
    def integer(self) -> bool:
        """Whether all its values are whole numbers."""
        return self.step > 0 and all(float(value).is_integer() for value in (*self.values, self.low, self.step))

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Values at the probabilities u in [0, 1), of the same shape; int64 if every value is whole."""
        dtype = np.int64 if self.integer else float
        if self.kind == "per_stage":
            return np.tile(np.array(self.values, dtype), (len(u), 1))
        if self.kind in ("constant", "choice"):
            return np.array(self.values, dtype)[(u * len(self.values)).astype(np.int64)]
        if not self.step:
            return self._continuous(u)
        first, last = round(self.low / self.step), round(self.high / self.step)
        if self.kind == "uniform":
            multiples = first + np.floor(u * (last - first + 1))
        else:
            below = np.log(first - min(1, first / 2))
            multiples = np.ceil(np.exp(below + u * (np.log(last) - below)))
            multiples = np.clip(multiples, first, last)  # u = 0 exactly, and rounding at the upper end
        return (multiples * self.step).astype(dtype) if self.integer else np.round(multiples * self.step, DECIMALS)

    def _continuous(self, u: np.ndarray) -> np.ndarray:
        """Values between low and high, to six digits: readable, and the same whatever a processor rounds."""
        if self.kind == "uniform":
            values = self.low + u * (self.high - self.low)
        else:
            values = self.low * (self.high / self.low) ** u
        return np.array([float(f"{value:.6g}") for value in values.flat]).reshape(u.shape)


def _numbers(declared: object) -> Iterator[object]:
    """All that should be a number in a declared distribution."""
    parts = (
        [part for key, part in declared.items() if key != "distribution"]
        if isinstance(declared, Mapping)
        else [declared]
    )
    for part in parts:
        yield from part if isinstance(part, list | tuple) else [part]
