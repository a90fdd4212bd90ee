"""How many times as long the first model takes for an image in inference."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspaces.statistics.confidence import Confidence, student
from netspaces.statistics.intervals import satterthwaite
from netspaces.studies.claims.claim import NOT_MEASURED, Claim, Finding
from netspaces.studies.claims.models import model_rows, not_measured
from netspaces.studies.claims.quantity import ModelQuantity

if TYPE_CHECKING:
    import pandas as pd

PASSES = 5  # measured passes from which on quartiles of times say how much a median scatters
NORMAL = 1.349  # standard deviations between the quartiles of normal times
MEDIAN = math.sqrt(math.pi / 2)  # standard error of a median, in those of a mean


def measure(claim: Claim, published: "pd.DataFrame", inputs: "Mapping[str, pd.DataFrame]") -> Finding:
    """The ratio of median times per image, with Student's limits of its logarithm from the quartiles of the passes."""
    import pandas as pd  # here as in `statistics.intervals`

    times = model_rows(inputs.get("times", pd.DataFrame()), claim, "inference_ms")
    if isinstance(times, str):
        return not_measured(f"no time of {times}")
    slow, fast = (times.loc[model] for model in claim.models[0])
    ratio = float(slow["inference_ms"] / slow["batch"] / (fast["inference_ms"] / fast["batch"]))
    devices = ", ".join(sorted(set(times["device"])))
    reason = f"medians of passes on {devices}, as if passes were independent"
    if times["repeats"].min() < PASSES:
        few = f"fewer than {PASSES} passes on {devices}"
        return Finding(Confidence.unknown(ratio), few, NOT_MEASURED)
    variances, freedoms = zip(*map(_log_variance, (slow, fast)), strict=True)
    error, freedom = satterthwaite(variances, freedoms)
    if error == 0:
        return Finding(Confidence.unknown(ratio), f"{reason}, which do not differ", NOT_MEASURED)
    logs = student(math.log(ratio), error, freedom)
    limits = Confidence(ratio, lambda e: math.exp(logs.lower(e)), lambda e: math.exp(logs.upper(e)))
    return Finding(limits, reason)


def _log_variance(row: "pd.Series") -> tuple[float, int]:
    """Variance of the logarithm of a median time, and its degrees of freedom."""
    spread = math.log(row["inference_high_ms"] / row["inference_low_ms"]) / NORMAL
    return (MEDIAN * spread) ** 2 / row["repeats"], int(row["repeats"]) - 1


def fits(models: Sequence[Sequence[str]]) -> bool:
    """Whether there is one pair of models."""
    return [len(pair) for pair in models] == [2]


QUANTITY = ModelQuantity(measure, models="one pair", fits=fits)
