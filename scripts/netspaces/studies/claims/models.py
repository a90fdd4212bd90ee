"""Claims on published models: errors of their weights, times, complexity."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from netspaces.files.suggestions import one_of
from netspaces.studies.claims.claim import NOT_MEASURED, Claim, Finding
from netspaces.studies.claims.quantity import ModelQuantity, quantity_of

if TYPE_CHECKING:
    import pandas as pd


def measure_models(
    claim: Claim,
    published: "pd.DataFrame",
    inputs: "Mapping[str, pd.DataFrame]",
) -> Finding:
    """The quantity of a claim on published models.

    `published` holds the models' structure (models.csv), `inputs` what was measured of them: `evaluation` and `times`.
    Raises ValueError for a quantity that there is not, or lists of models that it cannot take.
    """
    return model_quantity(claim).measure(claim, published, inputs)


def model_quantity(claim: Claim) -> ModelQuantity:
    """The quantity of a claim on published models.

    Raises ValueError if there is none of that name, or it cannot take the claim's lists of models, or its value.
    """
    quantity = quantity_of(claim, (ModelQuantity,))
    assert isinstance(quantity, ModelQuantity)
    if not quantity.fits(claim.models):
        raise ValueError(f"{claim.name}.models: got {list(map(list, claim.models))}, expected {quantity.models}")
    if claim.value not in quantity.values:
        raise ValueError(f"{claim.name}.value: got {claim.value!r}, expected {one_of(claim.value, quantity.values)}")
    for key in ("values", "against", "weights", "draws"):
        if given := getattr(claim, key):
            raise ValueError(f"{claim.name}.{key}: got {given}, expected none")
    return quantity


def model_names(claim: Claim) -> list[str]:
    """The models of a claim, each once."""
    return list(dict.fromkeys(model for models in claim.models for model in models))


def model_rows(table: "pd.DataFrame", claim: Claim, column: str) -> "pd.DataFrame | str":
    """The rows of a claim's models, by model, or the names of those that have no entry in a column."""
    names = model_names(claim)
    rows = table.dropna(subset=[column]).set_index("model") if column in table else table.head(0)
    missing = [name for name in names if name not in rows.index]
    return ", ".join(missing) if missing else rows.loc[names]


def not_measured(reason: str) -> Finding:
    """What is said of models that were not measured."""
    return Finding(None, reason, NOT_MEASURED)
