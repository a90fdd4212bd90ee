"""Panels of a design space that samples its recipe: error against learning rate, weight decay, and their product."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.panels.axes import error_limits
from netspaces.figures.panels.scatter import scatter_panel
from netspaces.figures.panels.trends import Parameter
from netspaces.studies.study import Curve, Study


@dataclass(frozen=True)
class Logarithm(Parameter):
    """The decimal logarithm of a parameter, or of its product with another column, `factor`."""

    factor: str = ""

    def values(self, curve: Curve) -> np.ndarray:
        """Its value in each network of a curve, (n,)."""
        columns = [self.column, self.factor] if self.factor else [self.column]
        return np.log10(curve.table[columns].astype(float)).sum(axis=1).to_numpy()


SAMPLED = {  # title and parameter
    "learning_rate": ("Learning rate", Logarithm("learning_rate", r"$\log_{10}$ learning rate")),
    "weight_decay": ("Weight decay", Logarithm("weight_decay", r"$\log_{10}$ weight decay")),
    "product": (
        "Learning rate × weight decay",
        Logarithm("learning_rate", r"$\log_{10}$ learning rate × weight decay", factor="weight_decay"),
    ),
}


def scatter_row(axes: Iterable[Axes], study: Study, prefix: str, curve: Curve) -> list[pd.DataFrame]:
    """Error against each sampled parameter of the recipe with the range of its best value, in panels `prefix`_NAME."""
    limits = error_limits([curve])
    return [
        scatter_panel(ax, study, f"{prefix}_{name}", curve, parameter.values(curve), parameter.name, limits)
        for ax, (name, (_, parameter)) in zip(axes, SAMPLED.items(), strict=True)
    ]
