"""Coefficients of the prediction of costs: what one unit of work takes on a kind of device.

The shipped ones are a first guess for an unknown machine (docs/how-to/cost.md says where they come from); those fitted
to the runs of the machine at hand are read from its cost.json.
"""

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from netspaces.files.safe import DamagedFile, OneLineError, read_json

FITTED = ("per_flop", "per_activation", "per_block")


class CostError(OneLineError):
    """Costs that cannot be predicted or fitted; the message, one line, names the file and what was expected."""


@dataclass(frozen=True)
class Coefficients:
    """Seconds that one unit of work takes, and how far off a prediction may be.

    Nine of ten networks take between 1/`spread` and `spread` times the predicted seconds. `bf16` is the factor of that
    precision on `per_activation`. `runs` says how many runs they were fitted to; 0 for shipped ones.
    """

    per_flop: float  # per multiply-add of the forward pass and image trained
    per_activation: float  # per activation and image trained
    per_block: float  # per block and step
    per_run: float  # per network: building it, its first step, its record
    per_job: float  # per job: interpreter, imports, data
    bf16: float
    spread: float
    runs: int = 0


DEFAULTS = {
    # benchmarks/cost.py, and benchmarks/preset.py for per_job, on one core of a shared Xeon with AVX-512
    "cpu": Coefficients(
        per_flop=6.0e-11, per_activation=6.0e-9, per_block=0.0, per_run=0.2, per_job=1.2, bf16=1.0, spread=3.0
    ),
    # 108 bytes per activation in bf16, as RegNetX trains on an RTX 3090, and 216 in fp32, at the 2.0e12 bytes/s of an
    # A100; 0.1 ms for the kernels of a block in a graph. Derived, not measured
    "cuda": Coefficients(
        per_flop=0.0, per_activation=1.06e-10, per_block=1.0e-4, per_run=2.0, per_job=10.0, bf16=0.5, spread=3.0
    ),
}

LANES_GAIN = 2.0
"""How much more several networks at once get from one GPU than one alone, at most. Expected, not measured."""


def gain(device: str, at_once: int) -> float:
    """How much faster so many networks at once are trained than one after another: on a CPU each has cores of its own,
    a GPU they share."""
    return float(at_once) if device == "cpu" else min(float(at_once), LANES_GAIN)


def read_fit(path: str | Path, device: str) -> Coefficients | None:
    """The fitted coefficients in a cost.json; None if there is none for this device. Raises DamagedFile."""
    try:
        of, fitted = read_coefficients(path)
    except FileNotFoundError:
        return None
    return fitted if of == device else None


def read_coefficients(path: str | Path) -> tuple[str, Coefficients]:
    """The device and the coefficients in a cost.json; raises DamagedFile, and FileNotFoundError if there is none."""
    try:
        content = read_json(path, "fitted coefficients", ["device", "coefficients"], digest_needed=False)
        known = {field.name for field in fields(Coefficients)}
        fitted = Coefficients(**{name: content["coefficients"][name] for name in known})
        possible = all(value >= 0 for value in asdict(fitted).values()) and fitted.per_run > 0 and fitted.spread >= 1
        if not possible:
            raise DamagedFile(path, "impossible values, expected fitted coefficients")
        return content["device"], fitted
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedFile(path, f"{error}, expected fitted coefficients") from None
