"""The regression estimates of a study: what is predicted of its networks, and which estimate of a mean decides.

Populations of one recipe are fitted together, whatever their design space and regime; imported ones, and those without
untrained networks, are left out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from netspaces.plugins.loading import naming_plugins
from netspaces.statistics.cross_fitting import FEWEST, Predicted, cross_fit, r2_within
from netspaces.statistics.regression_estimate import RegressionMean, regression_mean
from netspaces.studies.covariates import COVARIATES
from netspaces.studies.predictions import Groups, groups_of, table_of
from netspaces.studies.study import Curve, Study

FEWEST_RUNS = 2  # of a population
STAGE = re.compile(r"_\d+$")  # ends the names of columns per stage
OF_SAMPLING = ("index", "draws")  # columns of sampled tables that say nothing of a network


@dataclass(frozen=True)
class Regression:
    """Predictions by population, and by population the share of variance that they explain over all of its recipe.

    `decides_from` is the share from which on the estimates decide; None for never.
    """

    predicted: Mapping[str, Predicted] = field(default_factory=dict)
    r2: Mapping[str, float] = field(default_factory=dict)
    decides_from: float | None = None

    def mean(self, population: str) -> RegressionMean | None:
        """The mean of a population's design space; None where there is nothing to predict from."""
        predicted = self.predicted.get(population)
        return None if predicted is None else regression_mean(predicted)

    def decides(self, populations: Sequence[str]) -> bool:
        """Whether the regression estimate decides on some populations together: of all of them, or of none."""
        least = self.decides_from
        return least is not None and all(name in self.r2 and self.r2[name] >= least for name in populations)


def regression_of(study: Study) -> Regression:
    """The predictions of a study's networks: those that it was given, or else made from its own populations.

    Raises ValueError if it was given predictions of other runs than it has.
    """
    groups = fitted(study) if study.predictions is None else _checked(groups_of(study.predictions), study)
    predicted = {name: of for group in groups.values() for name, of in group.items()}
    r2 = {name: r2_within(group) for group in groups.values() for name in group}
    return Regression(predicted, r2, study.decides_from)


def predictions_of(study: Study) -> pd.DataFrame:
    """The table of predictions from a study's own populations (`studies.predictions`)."""
    indices = {
        curve.population: np.concatenate([curve.table["index"], study.untrained[curve.population]["index"]])
        for curve in study.curves
        if curve.population in study.untrained
    }
    return table_of(fitted(study), indices)


def fitted(study: Study) -> Groups:
    """Predictions from a study's own populations, whatever their order."""
    curves = sorted(study.curves, key=lambda curve: curve.population)
    with_networks = [
        curve for curve in curves if curve.population in study.untrained and len(curve.table) >= FEWEST_RUNS
    ]
    groups: dict[str, dict[str, Predicted]] = {}
    for recipe in sorted({curve.recipe for curve in with_networks}):
        own = [curve for curve in with_networks if curve.recipe == recipe]
        labels = {curve.population: list(curve.table["architecture"]) for curve in own}
        different = {label for each in labels.values() for label in each}
        if sum(map(len, labels.values())) < FEWEST or len(different) < 2:
            continue
        trained, untrained = features_of(study, own)
        groups[recipe] = cross_fit({curve.population: curve.errors for curve in own}, trained, labels, untrained)
    return groups


def _checked(groups: Groups, study: Study) -> Groups:
    """The same groups, whose errors are those of the study."""
    errors = {name: of.errors for group in groups.values() for name, of in group.items()}
    for curve in study.curves:
        if not np.array_equal(errors.get(curve.population, curve.errors), curve.errors):
            raise ValueError(f"{study.name}: the predictions of {curve.population} are of other runs than its table")
    return groups


def features_of(study: Study, curves: Sequence[Curve]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Covariates of the trained and of the untrained networks by population, (n, p) and (N, p), the same p of all.

    What a population does not have is 0 in all of its networks.
    """
    known = {curve.population: _covariates(study, curve) for curve in curves}
    names = dict.fromkeys(name for values in known.values() for name in values)
    trained, untrained = {}, {}
    for curve in curves:
        values = known[curve.population]
        size = len(curve.table) + len(study.untrained[curve.population])
        matrix = np.column_stack([values.get(name, np.zeros(size)) for name in names])
        trained[curve.population], untrained[curve.population] = np.split(matrix, [len(curve.table)])
    return trained, untrained


def _covariates(study: Study, curve: Curve) -> dict[str, np.ndarray]:
    """Covariates by name of the trained networks of a population and then of the untrained ones, (n + N,) each.

    They are computed of one table, of what is known before a training, so that they cannot tell the two kinds apart.
    """
    untrained = study.untrained[curve.population]
    known = [name for name in curve.table if name in untrained or STAGE.search(name)]
    both = pd.concat([curve.table[known], untrained], ignore_index=True).drop(columns=list(OF_SAMPLING))
    both = both.fillna({name: 0 for name in both if STAGE.search(name)})  # stages that one of them does not have
    columns = {name: both[name].to_numpy() for name in both}
    values: dict[str, np.ndarray] = {}
    for name in study.covariates:
        with naming_plugins():
            values |= COVARIATES[name].values(columns)
    return values
