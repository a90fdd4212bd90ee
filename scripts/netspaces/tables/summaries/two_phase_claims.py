"""The claims about design spaces that are drawn in two phases: a row per claim, with the weights of their networks."""

import pandas as pd

from netspaces.studies.study import Study
from netspaces.tables.style import present
from netspaces.tables.summaries import paper_against_ours as paper
from netspaces.tables.summaries.regression_estimates import known_columns

COLUMNS = {name: column for name, column in paper.COLUMNS.items() if name not in ("resamples", "seed")}
UNTRAINED = True
NOTHING = "No claim speaks of a population that is drawn in two phases; `make two_phase` draws one."


def make(study: Study) -> pd.DataFrame:
    """A row per claim of which a population is drawn in two phases, in the order of the file."""
    columns = known_columns(study, COLUMNS)
    if not study.claims:
        return present(pd.DataFrame(columns=list(columns)), study.title, NOTHING, columns)
    table = paper.claims_table(study)
    note = (
        f"{paper.counts_note(table)} {paper.intervals_note(study)} {paper.means_note(study)}Populations in two phases "
        "stand in place of those that were their pilots, and each of their networks counts as those that it stands "
        "for; other populations are as in all tables. Only means of errors are weighed."
    )
    return present(table.reindex(columns=list(columns)), study.title, note, columns)
