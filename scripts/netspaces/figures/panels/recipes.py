"""Panels of a design space that samples its recipe: error against learning rate, weight decay, and their product."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.panels.primitives import error_limits, scatter_panel
from netspaces.studies.study import Curve, Study

# what is shown: words, and the columns of the population table whose product it is
SETTINGS = {
    "learning_rate": ("learning rate", ["learning_rate"]),
    "weight_decay": ("weight decay", ["weight_decay"]),
    "product": ("learning rate × weight decay", ["learning_rate", "weight_decay"]),
}


def log10_of(setting: str) -> Callable[[Curve], np.ndarray]:
    """Decimal logarithm of a setting (a key of SETTINGS) of each network of a curve, (n,)."""
    return lambda curve: np.log10(curve.table[SETTINGS[setting][1]].astype(float)).sum(axis=1).to_numpy()


def axis_name(setting: str) -> str:
    """How an axis names a setting."""
    return rf"$\log_{{10}}$ {SETTINGS[setting][0]}"


def scatter_row(axes: Iterable[Axes], study: Study, prefix: str, curve: Curve) -> list[pd.DataFrame]:
    """Error against each setting with the range of its best value, a panel `prefix`_SETTING each."""
    limits = error_limits([curve])
    return [
        scatter_panel(ax, study, f"{prefix}_{setting}", curve, log10_of(setting)(curve), axis_name(setting), limits)
        for ax, setting in zip(axes, SETTINGS, strict=True)
    ]
