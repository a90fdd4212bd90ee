"""Table 4: EfficientNets and the RegNetY of about the same flops."""

import pandas as pd

from netspaces.studies.models import model_table
from netspaces.studies.study import Study
from netspaces.tables.models import COMPARED, present_models

RIVALS = {
    "EfficientNet-B0": "RegNetY-400MF",
    "EfficientNet-B1": "RegNetY-600MF",
    "EfficientNet-B2": "RegNetY-800MF",
    "EfficientNet-B3": "RegNetY-1.6GF",
    "EfficientNet-B4": "RegNetY-4.0GF",
    "EfficientNet-B5": "RegNetY-8.0GF",
}
REMARK = (
    "Error (original): of the EfficientNets' authors, with a longer and enhanced training; error (paper): all models "
    "trained alike for 100 epochs. Where the paper's sizes of EfficientNets differ from ours, ours are the authors' "
    "counts."
)
COLUMNS = COMPARED
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per model, an EfficientNet and its rival under each other."""
    named = grouped()
    table = model_table(study, [model for _, model in named])
    table["group"] = [group for group, _ in named]
    return present_models(study, table, COLUMNS, REMARK)


def grouped() -> list[tuple[str, str]]:
    """(group, model) of each row, in order."""
    return [(f"{i}", model) for i, pair in enumerate(RIVALS.items(), 1) for model in pair]
