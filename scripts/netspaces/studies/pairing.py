"""The same networks in several populations: trained for several numbers of epochs, with several seeds, in settings.

A budget is a number of epochs. A setting is one of several conditions under which the same networks are trained:
labels, recipe, data.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from netspaces.statistics.drift import Drift, drift
from netspaces.statistics.interaction import Gap, Interaction, gaps, interaction
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling
from netspaces.statistics.orders import Order, order
from netspaces.statistics.ranks import FEWEST, Agreement, agreement
from netspaces.studies.study import Curve, Study
from netspaces.studies.wants import SEEDS, check_budgets, check_settings

STRUCTURE = re.compile(r"(depth|width|bottleneck|group_width)_\d+")


def paired_errors(curves: Sequence[Curve]) -> pd.DataFrame:
    """Errors of the same networks in several populations: a row per network, a column per population.

    Networks are matched by their index, so that a small population pairs with the first networks of a large one; NaN
    where a population has no run of a network. Raises ValueError if an index stands for two structures.
    """
    columns: dict[str, pd.Series] = {}
    seen: dict[int, tuple[str, dict[str, float]]] = {}
    for curve in curves:
        table = curve.table.set_index("index")
        structures = table[[name for name in table if STRUCTURE.fullmatch(name)]].astype(float)
        structures = structures.fillna(-1)  # of a stage that a network has not
        for index, structure in zip(table.index, structures.to_dict("records"), strict=True):
            population, first = seen.setdefault(index, (curve.population, structure))
            if any(structure[name] != first[name] for name in structure.keys() & first.keys()):
                raise ValueError(f"network {index} of {curve.population} is not that of {population}: nothing to pair")
        columns[curve.population] = table[curve.error].astype(float)
    return pd.DataFrame(columns).sort_index()


# ---- Budgets ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Budgets:
    """Errors of the networks of one design space after several numbers of epochs, percent."""

    label: str
    epochs: list[int]  # ascending
    errors: pd.DataFrame  # a row per network, columns (epochs, repeat); NaN where there is no run

    @property
    def complete(self) -> np.ndarray:
        """(n, budgets): the first runs of the networks that have one at each budget."""
        return self.errors[[(epochs, 0) for epochs in self.epochs]].dropna().to_numpy()

    @property
    def crossed(self) -> np.ndarray:
        """(n, budgets, seeds): networks trained with the same seeds at each budget; no seeds if fewer than two."""
        seeds = [set(self.errors[epochs].dropna(axis=1, how="all")) for epochs in self.epochs]
        shared = sorted(set.intersection(*seeds))
        columns = [(epochs, seed) for epochs in self.epochs for seed in shared]
        table = self.errors[columns].dropna().to_numpy()
        return table.reshape(len(table), len(self.epochs), len(shared))

    def repeats(self, epochs: int) -> pd.DataFrame:
        """All runs of one budget: a row per network, a column per seed that has any."""
        runs = self.errors[epochs]
        return runs[[seed for seed in runs if seed == 0 or runs[seed].notna().any()]]


def by_space(curves: Sequence[Curve]) -> list[Budgets]:
    """The budgets of each label, in order of appearance; raises ValueError for one without a plain first run."""
    check_budgets([(curve.label, curve.epochs, curve.repeat) for curve in curves])
    spaces = []
    for label in dict.fromkeys(curve.label for curve in curves):
        own = sorted((c for c in curves if c.label == label), key=_budget_and_repeat)
        errors = paired_errors(own)
        errors.columns = pd.MultiIndex.from_tuples([(c.epochs, c.repeat) for c in own], names=["epochs", "repeat"])
        spaces.append(Budgets(label, list(dict.fromkeys(curve.epochs for curve in own)), errors))
    return spaces


def agreement_of(budgets: Budgets, one: int, other: int, resampling: Resampling = DEFAULT) -> Agreement | None:
    """Rank agreement of two budgets, by their epochs, with the seeds that both have; None for too few networks."""
    x, y = budgets.repeats(one), budgets.repeats(other)
    shared = [seed for seed in x if seed in y]
    if (x[0].notna() & y[0].notna()).sum() < FEWEST:
        return None
    return agreement(x[shared], y[shared], resampling=resampling)


def _budget_and_repeat(curve: Curve) -> tuple[int, int]:
    return curve.epochs, curve.repeat


def drift_of(
    curves: Sequence[Curve], column: str, log2: bool, resampling: Resampling = DEFAULT
) -> tuple[list[int], Drift] | None:
    """Epochs, and the drift of a column of the population tables, over budgets of one space; None for too few networks.

    `log2` averages logarithms and makes the change a factor.
    """
    (budgets,) = by_space(curves)
    paired = budgets.errors[[(epochs, 0) for epochs in budgets.epochs]].dropna()
    if len(paired) < FEWEST or len(budgets.epochs) < 2:
        return None
    values = pd.concat([curve.table.set_index("index")[column] for curve in curves])
    x = values[~values.index.duplicated()].loc[paired.index].to_numpy(float)
    if not log2:
        return budgets.epochs, drift(x, paired.to_numpy(), resampling)
    logs = drift(np.log2(x), paired.to_numpy(), resampling)
    estimate, low, high = (float(2**value) for value in (logs.change.estimate, logs.change.low, logs.change.high))
    return budgets.epochs, Drift(2**logs.best, Interval(estimate, low, high, logs.change.level), logs.n)


# ---- Settings --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """The populations of a study by setting: its panels, the first being the one that others are compared with."""

    names: list[str]
    labels: list[str]  # of the design spaces, in their order, the worst first
    curves: Mapping[str, Mapping[str, Curve]]  # by setting and label
    repeats: list[Curve]  # of the first setting

    @classmethod
    def of(cls, study: Study) -> "Settings":
        """Raises ValueError naming the study where settings do not hold the same design spaces."""
        curves = {p: {c.label: c for c in cs} for p, cs in study.panels.items() if not p.startswith(SEEDS)}
        repeats = [c for panel, cs in study.panels.items() if panel.startswith(SEEDS) for c in cs]
        try:
            check_settings({panel: [curve.label for curve in own] for panel, own in study.panels.items()})
        except ValueError as error:
            raise ValueError(f"studies.yaml: {study.name}: {error}") from None
        names = list(curves)
        return cls(names, list(curves[names[0]]), curves, repeats)

    def errors(self, label: str) -> pd.DataFrame:
        """Errors of a space's networks: a row per network, a column per setting."""
        table = paired_errors([self.curves[name][label] for name in self.names])
        return table.set_axis(self.names, axis=1)

    def seeds(self, label: str) -> pd.DataFrame | None:
        """The same with a column per seed of the first setting; None without repeats of this space."""
        repeats = [curve for curve in self.repeats if curve.label == label]
        return paired_errors([self.curves[self.names[0]][label], *repeats]) if repeats else None

    def changes(self, label: str, names: Sequence[str], study: Study) -> Interaction | None:
        """Interaction over some settings of one space; None where there are too few runs."""
        errors, seeds = self.errors(label)[list(names)], self.seeds(label)
        if errors.notna().all(axis=1).sum() < FEWEST:
            return None
        seeds = None if seeds is None else seeds.reindex(errors.index).to_numpy()
        return interaction(errors.to_numpy(), seeds, study.resampling)

    def gaps(self, a: str, b: str, study: Study) -> dict[str, Gap]:
        """The gap between two spaces by setting; empty where there are too few runs."""
        errors = [self.errors(label) for label in (a, b)]
        if min(table.notna().all(axis=1).sum() for table in errors) < FEWEST:
            return {}
        first, second = (table.to_numpy() for table in errors)
        by_setting = gaps(first, second, study.resampling)
        return dict(zip(self.names, by_setting, strict=True))

    def order(self, name: str, study: Study) -> Order | None:
        """How sure the order of the spaces is in one setting, over all its runs; None where there are too few."""
        errors = [self.curves[name][label].errors for label in self.labels]
        return order(errors, study.resampling) if min(map(len, errors)) >= FEWEST else None
