"""The paper's top models of figures 15 and 16: complexity, times and errors, printed and as computed here."""

import pandas as pd

from netspaces.studies.models import model_table
from netspaces.studies.study import Study
from netspaces.tables.models import COMPARED, present_models

COLUMNS = {name: column for name, column in COMPARED.items() if name not in ("group", "original_error")}
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per model of the study's family, RegNetX or RegNetY, which its name ends with."""
    family = "RegNet" + study.name[-1].upper()
    published = study.published
    models = published.loc[published.get("family") == family, "model"]
    return present_models(study, model_table(study, list(models)), COLUMNS)
