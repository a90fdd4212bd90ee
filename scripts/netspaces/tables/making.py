"""Making a table by its name, with what its note owes to every reader."""

import pandas as pd

from netspaces.studies.networks import few_architectures
from netspaces.studies.study import Study, explained
from netspaces.tables import TABLES


def make_table(name: str, study: Study) -> pd.DataFrame:
    """The table of a study that a module of the registry makes.

    Its note says of which populations the design space has fewer architectures than networks. Raises ValueError as
    `explained`.
    """
    table = explained(TABLES[name], study, TABLES.literal(name, "WANTS"))
    said = [f"{curve.population}: {text}" for curve in study.curves if (text := few_architectures(curve))]
    if said:
        table.attrs["note"] = f"{table.attrs.get('note', '')} Few architectures: {'; '.join(said)}.".strip()
    return table
