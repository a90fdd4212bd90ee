"""Claims at the start, before anything is trained: the same checks as where they are computed, and known columns."""

import re
from collections.abc import Collection

from netspaces.files.suggestions import did_you_mean, one_of
from netspaces.networks.architecture import SINGULAR, TEXT, WHOLE
from netspaces.networks.metrics import METRICS
from netspaces.populations.columns import RESULTS
from netspaces.spaces.definition import RECIPE_PARAMETERS
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.family import recorded_parameters
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.models import model_names, model_quantity
from netspaces.studies.claims.populations import population_quantity
from netspaces.studies.claims.quantity import PopulationQuantity
from netspaces.studies.claims.values import ERROR, FIT, TIME, expression_of, value_names

PER_STAGE = re.compile(rf"({'|'.join(SINGULAR.values())})_[1-9]\d?")


def check_claim(claim: Claim, populations: int, imported: int = 0, models: Collection[str] = ()) -> None:
    """Check a claim before anything is trained; what is unmeasured asks for nothing.

    Parameters: numbers of `populations`, and of those among them that are `imported`; names of the published `models`.
    Raises ValueError, naming claim and key.
    """
    if claim.unmeasured:
        return
    if claim.models and populations:
        raise ValueError(f"{claim.name}: has both populations and models, expected one of them")
    if claim.models:
        model_quantity(claim)
        if unknown := [model for model in model_names(claim) if model not in models]:
            raise ValueError(
                f"{claim.name}.models: unknown model {unknown[0]!r}, expected {one_of(unknown[0], models)}"
            )
        return
    if isinstance(population_quantity(claim, populations), PopulationQuantity):
        check_values(claim, foreign=imported > 0)
    elif imported:
        raise ValueError(f"{claim.name}.populations: {claim.quantity} takes design spaces, expected none imported")


def check_values(claim: Claim, foreign: bool = False) -> None:
    """Check the values of a claim on populations; `foreign` if one is imported, whose table may have any columns.

    Raises ValueError, naming claim and key, for what is no arithmetic or names a column that no table of ours has.
    """
    keys = ["values" if claim.values else "value"] * len(claim.values or (claim.value,))
    keys += ["against"] * len(claim.against)
    for key, value in zip(keys, value_names(claim), strict=True):
        names = expression_of(value, f"{claim.name}.{key}").names
        if unknown := [] if foreign else sorted(name for name in names if not is_column(name)):
            stages = [f"{name}_{stage}" for name in SINGULAR.values() for stage in range(1, 5)]
            expected = f"of {', '.join(columns())}, or depth_1 and so on of a stage"
            expected += did_you_mean(unknown[0], [*columns(), *stages])
            raise ValueError(f"{claim.name}.{key}: unknown column {unknown[0]!r}, expected {expected}")


def columns() -> list[str]:
    """The columns of numbers that tables of populations have, those of stages aside."""
    whole = [name for name in WHOLE if name not in TEXT]
    results = [name for name, kind in RESULTS.items() if kind != "str"]
    recorded = recorded_parameters(FAMILIES.values())
    names = [ERROR, FIT, TIME, "depth", "stages", *whole, *METRICS, *recorded, *RECIPE_PARAMETERS, *results]
    return list(dict.fromkeys([*names, "index", "draws"]))


def is_column(name: str) -> bool:
    """Whether tables of populations may have a column of numbers of that name."""
    return PER_STAGE.fullmatch(name) is not None or name in columns()
