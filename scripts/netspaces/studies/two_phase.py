"""The population in two phases that a curve shows, from the columns of its strata."""

import pandas as pd

from netspaces.populations.strata import STRATA, is_two_phase
from netspaces.statistics.two_phase import LEAST, TwoPhase
from netspaces.studies.study import Curve, Study

NONE = "No population is drawn in two phases; `make two_phase POPULATIONS=NAME NETWORKS=72` draws one."


def check_all_two_phase(study: Study) -> None:
    """Check that all populations of a study are drawn in two phases; raises ValueError naming the first other one."""
    if others := [curve.population for curve in study.curves if not is_two_phase(curve.table)]:
        raise ValueError(f"{study.name}: {others[0]} is not drawn in two phases, expected populations that are")


def population_of(curve: Curve) -> TwoPhase | None:
    """The population in two phases of a curve; None where a stratum has fewer than two runs, or there is no run."""
    table = curve.table
    by_stratum = table.drop_duplicates("stratum").sort_values("stratum")
    shares, (counts, free) = by_stratum["stratum_share"].to_numpy(float), sizes_of(curve)
    if not counts or min(counts) < LEAST or abs(shares.sum() - 1) > 1e-9:
        return None
    return TwoPhase.of(curve.errors, table["stratum"].rank(method="dense").to_numpy(int) - 1, shares, sum(free))


def sizes_of(curve: Curve) -> tuple[list[int], list[int]]:
    """Trained networks and free draws of each stratum that has a run, in their order."""
    groups = [rows for _, rows in curve.table[list(STRATA)].groupby("stratum", sort=True)]
    free = [round(float(rows["stratum_share"].iloc[0] * _draws(rows))) for rows in groups]
    return [len(rows) for rows in groups], free


def _draws(rows: pd.DataFrame) -> float:
    """How many free draws there were in all: a network stands for 1 / probability of them, and weighs their share."""
    return float(1 / (rows["probability"] * rows["weight"]).iloc[0])
