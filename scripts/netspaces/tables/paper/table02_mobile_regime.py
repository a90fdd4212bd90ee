"""Table 2: networks of about 600 MF, as their authors trained them, and the RegNets of the paper."""

import pandas as pd

from netspaces.studies.models import matches, model_table
from netspaces.studies.study import Study
from netspaces.tables.style import present

COLUMNS = {
    "model": ("model", "text"),
    "flops": ("GF", "giga"),
    "printed_flops": ("GF (paper)", "share"),
    "params": ("params (M)", "mega"),
    "printed_params": ("params (M, paper)", "percent"),
    "error": ("error (paper)", "percent"),
    "std": ("deviation (paper)", "share"),
}


def make(study: Study) -> pd.DataFrame:
    """A row per network that the paper lists."""
    listed = study.published.loc[study.published["error"].notna(), "model"]
    table = model_table(study, list(listed))
    note = (
        "Top-1 errors in percent on ImageNet: of the RegNets after 100 epochs without enhancements (5 trainings), of "
        f"all others as originally reported, mostly after longer and enhanced trainings. {matches(table)}"
    )
    return present(table.reindex(columns=list(COLUMNS)), study.title, note, COLUMNS)
