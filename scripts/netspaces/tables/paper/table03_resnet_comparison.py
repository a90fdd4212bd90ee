"""Table 3: ResNets, ResNeXts and RegNetX, grouped by activations and by flops."""

import pandas as pd

from netspaces.studies.models import model_table
from netspaces.studies.study import Study
from netspaces.tables.models import COMPARED, RESNET_50, present_models

GROUPS = {
    "activations": [
        ["ResNet-50", "RegNetX-3.2GF"],
        ["ResNeXt-50", "ResNet-101", "RegNetX-6.4GF"],
        ["ResNeXt-101", "ResNet-152", "RegNetX-12GF"],
    ],
    "flops": [
        ["ResNet-50", "ResNeXt-50", "RegNetX-4.0GF"],
        ["ResNet-101", "ResNeXt-101", "RegNetX-8.0GF"],
        ["ResNet-152", "ResNeXt-152", "RegNetX-12GF"],
    ],
}
COLUMNS = COMPARED
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per model and group; a model may be in a group of either kind."""
    named = grouped()
    table = model_table(study, [model for _, model in named])
    table["group"] = [group for group, _ in named]
    return present_models(study, table, COLUMNS, RESNET_50)


def grouped() -> list[tuple[str, str]]:
    """(group, model) of each row, in order."""
    return [(f"{kind} {i}", m) for kind, groups in GROUPS.items() for i, ms in enumerate(groups, 1) for m in ms]
