"""Covariate steepest_stage: by what factor a network widens most from one stage to the next, and where.

An example of a covariate outside the library: docs/how-to/own_covariate.md. With

    plugins: [docs/examples/steepest_stage.py]
    statistics: {covariates: [structure, sampled_recipe, steepest_stage]}

errors are predicted from it too.
"""

import numpy as np
from netspaces.studies.covariate import Columns, Covariate


def steepest(columns: Columns) -> dict[str, np.ndarray]:
    """log2 of the largest factor between the widths of two stages in a row, and the number of the second one."""
    stages = sum(name.startswith("width_") for name in columns)
    widths = np.stack([columns[f"width_{stage + 1}"] for stage in range(stages)], axis=1).astype(float)
    has_next = (widths[:, 1:] > 0) & (widths[:, :-1] > 0)
    factors = np.log2(np.where(has_next, widths[:, 1:], 1) / np.where(has_next, widths[:, :-1], 1))
    return {"steepest": factors.max(axis=1), "steepest place": 2.0 + factors.argmax(axis=1)}


COVARIATE = Covariate("steepest_stage", "the largest widening from one stage to the next", steepest)
