"""Table 7: what longer and enhanced trainings give EfficientNet-B0."""

import pandas as pd

from netspaces.studies.models import counts
from netspaces.studies.study import Study
from netspaces.tables.models import COMPLEXITY
from netspaces.tables.style import Column, present

MODEL = "EfficientNet-B0"
COLUMNS = {
    "training": Column("the way of training", "training"),
    "epochs": Column("epochs of the training", "epochs", "integer"),
    "flops": COMPLEXITY["flops"],
    "printed_flops": Column("multiply-adds that the paper prints, 10^9", "GF (paper)", "share"),
    "params": COMPLEXITY["params"],
    "printed_params": COMPLEXITY["printed_params"],
    "activations": COMPLEXITY["activations"],
    "printed_activations": COMPLEXITY["printed_activations"],
    "error": Column("error that the paper prints, %", "error (paper)", "percent"),
    "gain": Column("of the error over the first row, percentage points", "gain (paper)", "percent"),
}
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per way of training."""
    published = study.published
    model = published[published["model"] == MODEL]
    table = published[published["training"].notna()].reset_index(drop=True)
    table = table.assign(**{metric: values[0] for metric, values in counts(model).items()})
    table["gain"] = table["error"].iloc[0] - table["error"]
    note = (
        f"{MODEL}. Top-1 errors in percent on ImageNet, as the paper prints them; gain: over the first row. With rate "
        "and weight decay tuned, table 4 of the paper has 24.9 after 100 epochs."
    )
    return present(table, study.title, note, COLUMNS)
