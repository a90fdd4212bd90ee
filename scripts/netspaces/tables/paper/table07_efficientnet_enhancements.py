"""Table 7: what longer and enhanced trainings give EfficientNet-B0."""

import pandas as pd

from netspaces.studies.models import counts
from netspaces.studies.study import Study
from netspaces.tables.style import present

MODEL = "EfficientNet-B0"
COLUMNS = {
    "training": ("training", "text"),
    "epochs": ("epochs", "integer"),
    "flops": ("GF", "giga"),
    "printed_flops": ("GF (paper)", "share"),
    "params": ("params (M)", "mega"),
    "printed_params": ("params (M, paper)", "percent"),
    "activations": ("acts (M)", "mega"),
    "printed_activations": ("acts (M, paper)", "percent"),
    "error": ("error (paper)", "percent"),
    "gain": ("gain (paper)", "percent"),
}


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
    return present(table.reindex(columns=list(COLUMNS)), study.title, note, COLUMNS)
