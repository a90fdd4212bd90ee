"""The columns of a population that is drawn in two phases: to which stratum a network belongs, and what it weighs."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

STRATA = ("stratum", "stratum_share", "probability", "weight")
"""Columns that no other population has: its stratum, from 1; the share of that among the free draws of the space; the
probability with which one of them is trained; the network's share of a statistic, with a sum of 1."""


def with_strata(table: pd.DataFrame, strata: Sequence[Mapping]) -> pd.DataFrame:
    """The table of a population with the columns of its strata (`Population.strata`); as it is where there are none."""
    if not strata:
        return table
    free = sum(stratum["free"] for stratum in strata)
    by_index = {
        index: (number, stratum["free"] / free, len(stratum["indices"]) / stratum["free"])
        for number, stratum in enumerate(strata, 1)
        for index in stratum["indices"]
    }
    stratum, share, probability = zip(*(by_index[index] for index in table["index"]), strict=True)
    weights = [1 / (free * each) for each in probability]
    columns = dict(zip(STRATA, (stratum, share, probability, weights), strict=True))
    for place, (name, values) in enumerate(columns.items(), list(table).index("index") + 2):
        table.insert(place, name, values)
    return table


def is_two_phase(columns: Collection[str]) -> bool:
    """Whether a table with some columns is that of a population drawn in two phases."""
    return set(STRATA) <= set(columns)
