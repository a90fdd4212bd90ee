"""Quantities of published models that claims speak of: errors of their weights, times, complexity."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep

from netspaces.published.torchvision_weights import NAMES
from netspaces.statistics.intervals import Interval
from netspaces.studies.claims.claim import NOT_MEASURED, Claim, Measured
from netspaces.studies.models import counts

IMAGENET = "imagenet"
PASSES = 5  # measured passes from which on quartiles of times count as an interval
QUARTILES = 0.5  # the share of passes between them


def measure_models(
    claim: Claim,
    published: pd.DataFrame,
    inputs: Mapping[str, pd.DataFrame],
    level: float = 0.95,
    claims: int = 1,
) -> Measured:
    """The quantity of a claim on published models, with an interval that holds for `claims` of them at once.

    `published` holds the models' structure (models.csv), `inputs` what was measured of them: `evaluation` and `times`.
    Raises ValueError for a quantity that there is not, or lists of models that it cannot take.
    """
    check_models(claim)
    return QUANTITIES[claim.quantity].measure(claim, published, inputs, 1 - (1 - level) / claims)


def check_models(claim: Claim) -> None:
    """Raise ValueError for a quantity that there is not, or lists of models that it cannot take."""
    if claim.quantity not in QUANTITIES:
        raise ValueError(f"{claim.name}.quantity: got {claim.quantity!r}, expected one of {', '.join(QUANTITIES)}")
    quantity = QUANTITIES[claim.quantity]
    if not quantity.fits(claim.models):
        raise ValueError(f"{claim.name}.models: got {list(map(list, claim.models))}, expected {quantity.models}")


def _error_gap(claim: Claim, published: pd.DataFrame, inputs: Mapping, level: float) -> Measured:
    """The smallest of the pairs' differences of errors, first minus second, in percentage points.

    Newcombe's interval of a difference of proportions, at a level that holds for all pairs. Both models see the same
    images, which that interval ignores: it is on the wide side as long as models find the same images hard.
    """
    images = IMAGENET if claim.value == "error" else claim.value
    column, evaluation = f"{images}_error", inputs.get("evaluation", pd.DataFrame())
    evaluated = _rows(evaluation, claim, column)
    if isinstance(evaluated, str):
        if without := [model for model in _models(claim) if model not in NAMES]:
            return _absent(f"torchvision has no weights of {', '.join(without)}")
        some = column in evaluation and evaluation[column].notna().any()
        return _absent(f"no error of {evaluated}" if some else f"no weights evaluated on {images}")
    n = evaluated[f"{images}_images"].astype(int)
    wrong = (evaluated[f"{images}_error"] / 100 * n).round().astype(int)
    options = {"method": "newcomb", "compare": "diff", "alpha": (1 - level) / len(claim.models)}
    gaps = []
    for first, second in claim.models:
        low, high = confint_proportions_2indep(wrong[first], n[first], wrong[second], n[second], **options)
        gaps.append((wrong[first] / n[first] - wrong[second] / n[second], low, high))
    return Measured(
        Interval(*map(float, 100 * np.min(gaps, axis=0)), level), f"torchvision's weights on {n.min():,} images"
    )


def _speed_ratio(claim: Claim, published: pd.DataFrame, inputs: Mapping, level: float) -> Measured:
    """How many times as long the first takes per image in inference; quotients of quartiles in place of an interval."""
    times = _rows(inputs.get("times", pd.DataFrame()), claim, "inference_ms")
    if isinstance(times, str):
        return _absent(f"no time of {times}")
    slow, fast = (times.loc[model] for model in claim.models[0])
    ratio = lambda a, b: float(slow[f"inference{a}_ms"] / slow["batch"] / (fast[f"inference{b}_ms"] / fast["batch"]))
    low, high = ratio("_low", "_high"), ratio("_high", "_low")
    if times["repeats"].min() < PASSES:
        low = high = math.nan
    devices = ", ".join(sorted(set(times["device"])))
    return Measured(Interval(ratio("", ""), low, high, QUARTILES), f"quartiles of times on {devices}")


def _model_exponent(claim: Claim, published: pd.DataFrame, inputs: Mapping, level: float) -> Measured:
    """The k of value ~ flops^k, by least squares of logarithms; exact, since models are counted, not sampled."""
    models = _rows(published, claim, "flops").reset_index()
    counted = counts(models)
    slope = float(np.polyfit(np.log(counted["flops"]), np.log(counted[claim.value]), 1)[0])
    return Measured(Interval(slope, slope, slope, level), f"{len(models)} models, counted, not sampled")


def _models(claim: Claim) -> list[str]:
    """The models of a claim, each once."""
    return list(dict.fromkeys(model for models in claim.models for model in models))


def _rows(table: pd.DataFrame, claim: Claim, column: str) -> pd.DataFrame | str:
    """The rows of a claim's models, by model, or the names of those that have no entry in a column."""
    names = _models(claim)
    known = table.dropna(subset=[column]).set_index("model") if column in table else pd.DataFrame()
    missing = [name for name in names if name not in known.index]
    return ", ".join(missing) if missing else known.loc[names]


def _absent(reason: str) -> Measured:
    return Measured(None, reason, NOT_MEASURED)


@dataclass(frozen=True)
class Quantity:
    """How a quantity of published models is measured, and which lists of models it takes, in words and as a test."""

    measure: Callable[..., Measured]
    models: str
    fits: Callable[[Sequence[Sequence[str]]], bool]


QUANTITIES = {
    "error_gap": Quantity(_error_gap, "pairs", lambda lists: bool(lists) and all(len(pair) == 2 for pair in lists)),
    "speed_ratio": Quantity(_speed_ratio, "one pair", lambda lists: [len(pair) for pair in lists] == [2]),
    "model_exponent": Quantity(_model_exponent, "one list of 2 or more", lambda a: len(a) == 1 and len(a[0]) > 1),
}
