"""Table 2: networks of about 600 MF, as their authors trained them, and the RegNets of the paper."""

import pandas as pd

from netspaces.studies.models import matches, model_table
from netspaces.studies.study import Study
from netspaces.tables.models import COMPLEXITY, NAMES
from netspaces.tables.style import Column, present

COLUMNS = {
    "model": NAMES["model"],
    "flops": COMPLEXITY["flops"],
    "printed_flops": Column("multiply-adds that the paper prints, 10^9", "GF (paper)", "share"),
    "params": COMPLEXITY["params"],
    "printed_params": COMPLEXITY["printed_params"],
    "error": Column("error that the paper prints, %", "error (paper)", "percent"),
    "std": Column("deviation that the paper prints, %", "deviation (paper)", "share"),
}
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per network that the paper lists."""
    listed = study.published.loc[study.published["error"].notna(), "model"]
    table = model_table(study, list(listed))
    note = (
        "Top-1 errors in percent on ImageNet: of the RegNets after 100 epochs without enhancements (5 trainings), of "
        f"all others as originally reported, mostly after longer and enhanced trainings. {matches(table)}"
    )
    return present(table, study.title, note, COLUMNS)
