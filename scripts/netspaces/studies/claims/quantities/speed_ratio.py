"""How many times as long the first model takes for an image in inference."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspaces.statistics.intervals import Interval
from netspaces.studies.claims.claim import Claim, Finding
from netspaces.studies.claims.models import model_rows, not_measured
from netspaces.studies.claims.quantity import ModelQuantity

if TYPE_CHECKING:
    import pandas as pd

PASSES = 5  # measured passes from which on quartiles of times count as an interval
QUARTILES = 0.5  # the share of passes between them


def measure(claim: Claim, published: "pd.DataFrame", inputs: "Mapping[str, pd.DataFrame]", level: float) -> Finding:
    """The ratio of median times per image, with quotients of quartiles in place of an interval."""
    import pandas as pd  # here as in `statistics.intervals`

    times = model_rows(inputs.get("times", pd.DataFrame()), claim, "inference_ms")
    if isinstance(times, str):
        return not_measured(f"no time of {times}")
    slow, fast = (times.loc[model] for model in claim.models[0])

    def ratio(end: str, other_end: str) -> float:
        per_image = slow[f"inference{end}_ms"] / slow["batch"], fast[f"inference{other_end}_ms"] / fast["batch"]
        return float(per_image[0] / per_image[1])

    low, high = ratio("_low", "_high"), ratio("_high", "_low")
    if times["repeats"].min() < PASSES:
        low = high = math.nan
    devices = ", ".join(sorted(set(times["device"])))
    return Finding(Interval(ratio("", ""), low, high, QUARTILES), f"quartiles of times on {devices}")


def fits(models: Sequence[Sequence[str]]) -> bool:
    """Whether there is one pair of models."""
    return [len(pair) for pair in models] == [2]


QUANTITY = ModelQuantity(measure, models="one pair", fits=fits)
