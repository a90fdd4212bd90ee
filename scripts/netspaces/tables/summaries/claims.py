"""The claims of a study of one's own: a row per claim, what was measured, and a verdict by rule."""

import pandas as pd

from netspaces.studies.study import Study
from netspaces.tables.style import present
from netspaces.tables.summaries import paper_against_ours as paper
from netspaces.tables.summaries.regression_estimates import known_columns

OF_THE_PAPER = ("chapter", "source", "published")
COLUMNS = {name: column for name, column in paper.COLUMNS.items() if name not in OF_THE_PAPER}
UNTRAINED = True


def make(study: Study) -> pd.DataFrame:
    """A row per claim, in the order of the file; intervals hold for the claims of this study together."""
    table = paper.claims_table(study)
    note = f"{paper.counts_note(table)} {paper.intervals_note(study)} {paper.means_note(study)}".rstrip()
    return present(table, study.title, note, known_columns(study, COLUMNS))
