"""Populations that cross the paper's fixed choices, pooled into one table: what was fixed, what was searched, errors.

The choices that the paper fixes are columns of population tables, but for the placement of the strides: a study has a
panel per placement, whose name is the level.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from netspaces.networks.blocks import BLOCKS
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.family import recorded_parameters
from netspaces.statistics.anova import TIMES, effects, factorial_terms
from netspaces.statistics.attribution import factor, polynomial, shares, transformed
from netspaces.statistics.intervals import Resampling
from netspaces.studies.study import Study

FIXED = {"stem width": "stem_width", "stages": "stages", "strides": "strides", "block": "block"}
SEARCHED = ("depth", "widths", "bottleneck", "group width")
SUMS = {"all fixed": tuple(FIXED), "all searched": SEARCHED}
CELLS = 3  # networks per cell of the fixed choices on average, without which interactions are not asked for


def pooled(study: Study) -> pd.DataFrame:
    """A row per network of the study, each population once: `population`, `error`, fixed and searched choices.

    A parameter that a network's block does not have is empty. Widths of spaces without a linear rule are those of the
    first and the last stage, under `w_0` and `w_a`.
    """
    tables: dict[str, pd.DataFrame] = {}
    for panel, curves in study.panels.items():
        for one in curves:
            if len(one.table) and one.population not in tables:
                tables[one.population] = _choices(one.table).assign(
                    population=one.population, error=one.errors, strides=panel.replace("_", " ")
                )
    return pd.concat(tables.values(), ignore_index=True) if tables else pd.DataFrame()


def _choices(table: pd.DataFrame) -> pd.DataFrame:
    groups, widths = (table.filter(regex=rf"^{name}_\d+$").to_numpy(float) for name in ("group_width", "width"))
    last = np.take_along_axis(widths, table["stages"].to_numpy(int)[:, None] - 1, axis=1)[:, 0]
    columns = {name: table[name] for name in ("block", "stages", "stem_width", "depth")}
    columns |= {"bottleneck": table["bottleneck_1"].astype(float), "group_width": np.nanmax(groups, axis=1)}
    rule = [name for name in _width_parameters() if name in table]
    columns |= {name: table[name] for name in rule} if rule else {"w_0": widths[:, 0], "w_a": last}
    frame = pd.DataFrame(columns)
    for name in set(frame["block"]).intersection(BLOCKS):
        lacks = [parameter for parameter in BLOCKS[name].lacks if parameter in frame]
        frame.loc[frame["block"] == name, lacks] = np.nan
    return frame


def _width_parameters() -> tuple[str, ...]:
    """The parameters of the rules of all families that widths follow from."""
    return recorded_parameters(FAMILIES.values())


def fixed_choices(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """The fixed choices that vary, as levels (n,)."""
    return {name: table[column].to_numpy() for name, column in FIXED.items() if table[column].nunique() > 1}


def groups(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Columns of each choice: of levels for the fixed ones, a line and a parabola in log2 for each searched parameter.

    A parameter that some blocks do not have counts within those that do; what blocks differ by is the block's.
    """
    columns = (("depth",), _width_parameters(), ("bottleneck",), ("group_width",))
    searched = {
        name: np.column_stack([polynomial(np.log2(table[column])) for column in own if column in table])
        for name, own in zip(SEARCHED, columns, strict=True)
    }
    return {name: factor(levels) for name, levels in fixed_choices(table).items()} | searched


def enough(table: pd.DataFrame) -> bool:
    """Whether there are networks enough to fit all choices, and more than one population."""
    if table.empty or len(fixed_choices(table)) < 2:
        return False
    return len(table) >= 2 * (1 + sum(columns.shape[1] for columns in groups(table).values()))


def choice_shares(table: pd.DataFrame, scale: str, resampling: Resampling) -> pd.DataFrame:
    """`attribution.shares` of all choices, with the sums of the fixed and of the searched ones."""
    parts = groups(table)
    sums = {name: [part for part in own if part in parts] for name, own in SUMS.items()}
    return shares(parts, transformed(table["error"], scale), table["population"], sums, resampling)


def choice_effects(table: pd.DataFrame, scale: str, resampling: Resampling) -> pd.DataFrame:
    """`anova.effects` of the fixed choices that vary and of their interactions, if cells are large enough."""
    levels = fixed_choices(table)
    cells = np.prod([len(set(values)) for values in levels.values()])
    terms = factorial_terms(levels, order=2 if len(table) >= CELLS * cells else 1)
    return effects(terms, transformed(table["error"], scale), table["population"], resampling)


def level_names(levels: Mapping[str, np.ndarray]) -> list[tuple[str, object]]:
    """(choice, level) of all levels, in order."""
    return [(name, level) for name, values in levels.items() for level in sorted(set(values.tolist()))]


def words(term: str) -> str:
    """A term as print shows it."""
    return term.replace(TIMES, " x ")
