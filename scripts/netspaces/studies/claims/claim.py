"""Claims of a paper: each is a quantity with limits, and a range that the quantity should lie in.

A claim is confirmed if the quantity surely lies in the range, contradicted if it surely lies outside, else undecided:
no verdict is anybody's opinion (`verdicts`). Quantities are measured on populations (`populations`) or on published
models (`models`); each quantity is a file in `quantities`.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netspaces.statistics.confidence import Confidence

CONFIRMED, CONTRADICTED, UNDECIDED = "confirmed", "contradicted", "undecided"
NO_RUNS, NOT_MEASURED, NOT_COMPUTABLE = "no runs", "not measured", "not computable"
NO_CHOICE = "no choice"  # the best networks could not have been other than they are
VERDICTS = (CONFIRMED, CONTRADICTED, UNDECIDED, NO_CHOICE, NO_RUNS, NOT_MEASURED, NOT_COMPUTABLE)
LISTS = ("against", "models", "values", "weights")
OPTIONAL = ("chapter", "device", "draws", "quantity", "resolution", "unmeasured", "value")
MARGIN = "margin"
"""In place of a range: that of differences that do not matter, `statistics.margin` to both sides of 0."""


@dataclass(frozen=True)
class Claim:
    """What a paper says, and the range of the quantity that would bear it out.

    `low` and `high` bound that range, infinite where it is open. `value` is what a quantity is of: "error", "e_fit" or
    arithmetic on columns of population tables; `values` several of them; `against` what a correlation is with.
    `weights` are those of means in a contrast, `draws` the number of networks that a search tries (0: an eighth of the
    smallest population, at most eight). `models` are lists of published models. `published` is the paper's own number,
    as text. `resolution` is that of the images, in pixels, which a number is about (0: any), `device` the kind of
    device that times are meant on ("": any); `unmeasured` says why no run measures the claim.
    """

    name: str
    statement: str
    source: str
    quantity: str = ""
    low: float = -math.inf
    high: float = math.inf
    chapter: str = ""
    value: str = "error"
    values: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    draws: int = 0
    models: tuple[tuple[str, ...], ...] = ()
    published: str = ""
    resolution: int = 0
    device: str = ""
    unmeasured: str = ""

    @classmethod
    def from_settings(cls, name: str, settings: Mapping, margin: float = 1.0) -> "Claim":
        """From an entry of config/claims.yaml; `null` is an open end of `range`, `margin` stands for [-margin, margin].

        Raises ValueError, naming claim and key, for numbers that are not finite, or a range that holds none or all.
        """
        ends = settings.get("range", (-math.inf, math.inf))
        low, high = (-margin, margin) if ends == MARGIN else _range(name, ends) if "range" in settings else ends
        given: dict[str, Any] = {key: settings[key] for key in OPTIONAL if key in settings}
        given |= {key: tuple(settings[key]) for key in LISTS if key in settings}
        given["models"] = tuple(map(tuple, given.get("models", ())))
        given["weights"] = tuple(finite(weight, f"{name}.weights") for weight in given.get("weights", ()))
        return cls(
            name=name,
            statement=settings["claim"],
            source=settings.get("source", ""),
            published=str(settings.get("published", "")),
            low=low,
            high=high,
            **given,
        )


def _range(name: str, ends: Sequence) -> tuple[float, float]:
    """Both ends of a range, infinite where it is open."""
    given = [end if end is None else finite(end, f"{name}.range") for end in ends]
    low, high = (given[0], given[1]) if len(given) == 2 else (None, None)
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        raise ValueError(f"{name}.range: got {list(ends)}, expected [low, high], low <= high, null for one open end")
    return -math.inf if low is None else low, math.inf if high is None else high


def finite(value: object, where: str) -> float:
    """A number; raises ValueError, which begins with `where`, for what is none, infinite or too large."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not abs(value) <= sys.float_info.max:  # type: ignore[arg-type]
        shown = repr(value)[:60] if not isinstance(value, int) or abs(value) < 10**60 else "a number of too many digits"
        raise ValueError(f"{where}: got {shown}, expected a finite number")
    return float(value)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Finding:
    """What was measured of a claim: its quantity with limits, which are NaN where nothing is sure.

    `reason` says why there are no limits or what is special about them, `absent` is the verdict without them, `n` how
    many networks of each population had what was asked for, `least` how many of them limits need where there are too
    few, and `resamples` how many the limits rest on, 0 if none. Of means of errors with predictions `plain` and
    `regression` are both estimates, of which `confidence` is the one that decides.
    """

    confidence: Confidence | None = None
    reason: str = ""
    absent: str = NO_RUNS
    n: tuple[int, ...] = ()
    least: int = 0
    resamples: int = 0
    plain: Confidence | None = None
    regression: Confidence | None = None
