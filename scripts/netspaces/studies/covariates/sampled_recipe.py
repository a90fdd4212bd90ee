"""The values of a recipe that are sampled with the architecture, as logarithms."""

import numpy as np

from netspaces.spaces.definition import RECIPE_PARAMETERS
from netspaces.studies.covariate import Columns, Covariate

SMALLEST = 2.0**-40  # a rate of 0 counts as this


def sampled_recipe(columns: Columns) -> dict[str, np.ndarray]:
    """log2 of learning rate and weight decay, of tables that have them."""
    given = {name: np.asarray(columns[name], float) for name in RECIPE_PARAMETERS if name in columns}
    return {name: np.log2(np.maximum(values, SMALLEST)) for name, values in given.items()}


COVARIATE = Covariate("sampled_recipe", "sampled values of a recipe, such as the learning rate", sampled_recipe)
