"""Measures: the numbers of networks that the page draws errors against, counts in histograms, and cuts by."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from netspaces.networks.architecture import PER_STAGE, SINGULAR
from netspaces.networks.metrics import METRICS
from netspaces.populations.columns import IDENTITY, RESULTS

BINS = 24  # of a histogram, where values are many
FEW = 30  # whole numbers that have a bin each
DECADES = 20.0  # largest by smallest value from which on an axis is logarithmic
ERROR = "error"
LEFT_OUT = {*IDENTITY, *RESULTS, ERROR, "draws", "stages"} - {"learning_rate", "weight_decay", "seconds"}
"""Columns that are no measures: who a network is, what became of it beside its error, how it was drawn."""

UNITS = {name: metric.unit for name, metric in METRICS.items()} | {"seconds": "s", "time": "ms", ERROR: "%"}
STAGES = re.compile(rf"({'|'.join(SINGULAR.values())})_\d+")
ORDER = ("depth", "w_0", "w_a", "w_m", *(SINGULAR[name] for name in PER_STAGE), "learning_rate", "weight_decay")


@dataclass(frozen=True)
class Measure:
    """One number of each network.

    Parameters
    ----------
    name : of its column.
    title : with its unit, as the page shows it.
    columns : of the table that hold it: several if a value per stage is the same in all stages.
    log : whether its axis is logarithmic.
    whole : whether all its values are whole numbers.
    edges : (bins + 1,) of its histogram, ascending.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    log: bool
    whole: bool
    edges: tuple[float, ...]

    def plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self) | {"columns": list(self.columns), "edges": list(self.edges)}


def measures(table: pd.DataFrame) -> list[Measure]:
    """The measures of some networks, a row each: columns of numbers that vary, the error first, parameters in order.

    A parameter with a value per stage that is the same in all stages of every network is one measure.
    """
    numeric = [name for name in table if name not in LEFT_OUT and pd.api.types.is_numeric_dtype(table[name])]
    shared = {name: own for name, own in _per_stage(numeric).items() if len(own) > 1 and _equal(table[own])}
    inside = {column for own in shared.values() for column in own[1:]}
    named = {own[0]: name for name, own in shared.items()}
    columns = {named.get(name, name): shared.get(named.get(name, ""), [name]) for name in numeric if name not in inside}
    found = [_measure(ERROR, [ERROR], table)] + [_measure(name, columns[name], table) for name in _ordered(columns)]
    return [measure for measure in found if measure is not None]


def _per_stage(names: Sequence[str]) -> dict[str, list[str]]:
    """Columns of values per stage, by the name of the parameter."""
    found: dict[str, list[str]] = {}
    for name in names:
        if matched := STAGES.fullmatch(name):
            found.setdefault(matched[1], []).append(name)
    return found


def _equal(values: pd.DataFrame) -> bool:
    """Whether a value per stage (n, stages) is the same in all stages that each network has; zeros are no stages."""
    there = values.astype(float).mask(lambda table: table == 0)
    return bool((there.nunique(axis="columns") <= 1).all())


def _ordered(names: Iterable[str]) -> list[str]:
    """Names in the order of `ORDER`, stages of a parameter together, then all others as they come."""

    def place(name: str) -> int:
        stem = re.sub(r"_\d+$", "", name) if STAGES.fullmatch(name) else name
        return ORDER.index(stem) if stem in ORDER else len(ORDER)

    return sorted(names, key=place)


def _measure(name: str, columns: Sequence[str], table: pd.DataFrame) -> Measure | None:
    """A measure, None if its values do not vary."""
    values = table[columns[0]].astype(float).to_numpy()
    values = np.unique(values[np.isfinite(values)])
    if len(values) < 2:
        return None
    unit = f" ({UNITS[name]})" if name in UNITS else ""
    log, edges = bins(values)
    whole = bool((values % 1 == 0).all())
    return Measure(name, title(name) + unit, tuple(columns), log, whole, tuple(edges.tolist()))


def title(name: str) -> str:
    """The name of a column in words.

    >>> title("group_width_2"), title("w_a"), title("learning_rate")
    ('group width, stage 2', 'w_a', 'learning rate')
    """
    if STAGES.fullmatch(name):
        stem, _, stage = name.rpartition("_")
        return f"{stem.replace('_', ' ')}, stage {stage}"
    return name if re.fullmatch(r"[a-z]_[a-z0-9]", name) else name.replace("_", " ")


def bins(values: np.ndarray) -> tuple[bool, np.ndarray]:
    """Whether an axis of some distinct values (n,), ascending, is logarithmic, and edges of bins that hold them all.

    Few whole numbers have a bin each, and so have powers of two.

    >>> bins(np.array([1.0, 2.0, 4.0, 32.0]))[1].round(1).tolist()
    [0.7, 1.4, 2.8, 5.7, 11.3, 22.6, 45.3]
    >>> bins(np.array([2.0, 4.0]))[1].tolist()
    [1.5, 2.5, 3.5, 4.5]
    """
    low, high = float(values[0]), float(values[-1])
    log = low > 0 and high / low >= DECADES
    if log and np.allclose(np.log2(values) % 1, 0):
        return True, 2.0 ** np.arange(np.log2(low) - 0.5, np.log2(high) + 1)
    if (values % 1 == 0).all() and high - low <= FEW:
        return False, np.arange(low - 0.5, high + 1)
    edges = np.geomspace(low, high, BINS + 1) if log else np.linspace(low, high, BINS + 1)
    edges[0], edges[-1] = low, high
    return log, edges
