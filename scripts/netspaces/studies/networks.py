"""Networks as rows of population tables: their values by stage and by block, and what they are in words."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from netspaces.statistics.kinds import kinds
from netspaces.studies.study import Curve
from netspaces.studies.wording import number

PER_STAGE = {"d": "depth", "w": "width", "g": "group_width", "b": "bottleneck"}  # by the paper's letter


def stage_values(row: Mapping, name: str) -> np.ndarray:
    """Values per stage of one network, (stages,), without the stages that it does not have."""
    stages = int(row["stages"])
    return np.array([row[f"{name}_{stage}"] for stage in range(1, stages + 1)], float)


def block_widths(row: Mapping) -> np.ndarray:
    """Widths of the blocks of one network, first to last, (depth,)."""
    return np.repeat(stage_values(row, "width"), stage_values(row, "depth").astype(int))


def best_networks(curve: Curve) -> pd.DataFrame:
    """The table of a curve from best to worst, each architecture once."""
    ordered = curve.table.sort_values([curve.error, "index"], kind="stable")
    return ordered[~first_of_its_kind(ordered).duplicated()]


def first_of_its_kind(table: pd.DataFrame) -> pd.Series:
    """For each network of a population's table the index of the first one that is the same, which may be itself."""
    return table["duplicate_of"].astype("Int64").fillna(table["index"])


def few_architectures(curve: Curve) -> str:
    """How many architectures a population's networks have, if its space has fewer than networks; else empty.

    Repetitions are trained with seeds of their own, and count as networks.
    """
    found = kinds(first_of_its_kind(curve.table))
    if not found.are_fewer:
        return ""
    if found.are_all_seen:
        return f"{found.n} networks of {found.seen} architectures, most likely all of the space"
    return f"{found.n} networks of {found.seen} architectures, of about {found.about} or more in the space"


def stages_of(row: Mapping) -> dict[str, np.ndarray]:
    """Depth, width, group width and bottleneck ratio of each stage of one network, each (stages,), by name."""
    return {name: stage_values(row, name) for name in PER_STAGE.values()}


def stage_texts(stages: Mapping[str, Sequence[float] | np.ndarray]) -> dict[str, list[str]]:
    """The values of `stages_of` as print shows them, by the paper's letter: d, w, g, b."""
    return {letter: [number(value) for value in stages[name]] for letter, name in PER_STAGE.items()}


def describe(row: Mapping) -> str:
    """d, g and b of a network on one line and w on a second; g and b that all stages share stand there once."""
    texts = stage_texts(stages_of(row))
    for letter in "gb":
        if len(set(texts[letter])) == 1:
            texts[letter] = texts[letter][:1]
    d, w, g, b = (f"{letter} = {', '.join(values)}" for letter, values in texts.items())
    return f"{d}   {g}   {b}\n{w}"
