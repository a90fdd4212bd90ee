"""A study with untrained networks of its design spaces, whose errors fall with depth."""

from functools import cache

import pandas as pd
from netspaces.populations.table import architecture_keys
from netspaces.spaces.sampling import sample
from netspaces.spaces.untrained import sample_untrained
from netspaces.studies.study import Curve, Study

from helpers.small_spaces import DIGITS

BASE = DIGITS.settings["regimes"]["base"]
TRAINED, UNTRAINED = 16, 200


def curve(space: str, recipe: str = "short", shift: float = 0.0) -> Curve:
    """A population of a space; the column `seconds`, known after a training, is the error itself."""
    name = f"{space}-base-{recipe}"
    table = pd.DataFrame(sample(DIGITS.spaces[space], BASE, 0, range(TRAINED)).columns())
    table["architecture"] = architecture_keys(table)
    errors = 40 / (1 + table["depth"].to_numpy(float)) ** 0.5 + shift
    table = table.assign(error_min=errors, status="finished", seconds=errors, duplicate_of=pd.NA)
    return Curve(space, space, name, table, TRAINED, recipe=recipe)


def true_mean(space: str) -> float:
    """The mean error of the untrained networks of a space, were they trained."""
    return float((40 / (1 + untrained(space)["depth"]) ** 0.5).mean())


@cache
def untrained(space: str) -> pd.DataFrame:
    """The untrained networks of a space."""
    return pd.DataFrame(sample_untrained(DIGITS.spaces[space], BASE, 0, TRAINED, UNTRAINED))


@cache
def small_study() -> Study:
    """Two spaces with one recipe, one of them with another too."""
    curves = [curve("AnyNetX_A"), curve("RegNetX"), curve("RegNetX", "medium", shift=5.0)]
    return Study(
        name="small",
        title="Small",
        panels={"spaces": curves},
        resamples=200,
        untrained={one.population: untrained(one.space) for one in curves},
        covariates=("structure", "sampled_recipe"),
        decides_from=0.25,
    )
