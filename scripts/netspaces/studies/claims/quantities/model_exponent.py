"""k in value ~ flops^k over the models; exact."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from netspaces.networks.metrics import METRICS
from netspaces.statistics.confidence import Confidence
from netspaces.studies.claims.claim import Claim, Finding
from netspaces.studies.claims.models import model_rows
from netspaces.studies.claims.quantity import ModelQuantity

if TYPE_CHECKING:
    import pandas as pd


def measure(claim: Claim, published: "pd.DataFrame", inputs: "Mapping[str, pd.DataFrame]") -> Finding:
    """The exponent, by least squares of logarithms; exact, since models are counted, not sampled."""
    from netspaces.studies.models import counts  # here as in `statistics.intervals`

    rows = model_rows(published, claim, "flops")
    if isinstance(rows, str):
        raise ValueError(f"{claim.name}.models: no flops of {rows} in the published models")
    models = rows.reset_index()
    counted = counts(models)
    if unknown := models.loc[~np.isfinite(counted[claim.value]), "model"].tolist():
        raise ValueError(f"{claim.name}.models: the structure of {unknown[0]} is not known")
    slope = float(np.polyfit(np.log(counted["flops"]), np.log(counted[claim.value]), 1)[0])
    return Finding(Confidence.point(slope), f"{len(models)} models, counted, not sampled")


def fits(models: Sequence[Sequence[str]]) -> bool:
    """Whether there is one list of two models or more."""
    return len(models) == 1 and len(models[0]) > 1


QUANTITY = ModelQuantity(measure, models="one list of 2 or more", fits=fits, values=tuple(METRICS))
