"""The rule of predicted errors: what is predicted once, from which populations, for several figures and tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from netspaces.studies.covariates import COVARIATES
from netspaces.workflow.params import entries_of
from netspaces.workflow.study_rules import StudyRule


@dataclass(frozen=True)
class Predictions:
    """One file of predicted errors; `rule` is any of those that read it, all of which say the same."""

    rule: StudyRule

    @cached_property
    def curves(self) -> dict[str, dict]:
        """By population, by alphabet, the curve of a panel that shows it."""
        return dict(sorted(self.rule.predicted_from.items()))

    @property
    def populations(self) -> list[str]:
        """The tables of the populations that errors are predicted from and for."""
        return self.rule.paths.populations(self.curves)

    @property
    def untrained(self) -> dict[str, str]:
        """By population the file of untrained networks of its design space."""
        return {name: self.rule.paths.untrained(of["space"], of["regime"]) for name, of in self.curves.items()}

    @property
    def params(self) -> dict:
        """What the script is told: a study of these populations, without what predictions do not rest on."""
        configuration = self.rule.configuration
        return {
            "name": self.rule.predictions,
            "title": "",
            "panels": {"all": [{**curve, "label": name} for name, curve in self.curves.items()]},
            "planned": {name: configuration.populations[name].n for name in self.curves},
            "statistics": dict(configuration.settings["statistics"]),
            "definitions": {},
            "preset": {"regimes": {}, "recipes": {}},
        }

    @property
    def used(self) -> dict[str, list[str]]:
        """The registries' entries that the script uses, by kind."""
        configuration = self.rule.configuration
        used = entries_of([configuration.spaces[curve["space"]] for curve in self.curves.values()])
        return {COVARIATES.kind: list(configuration.settings["statistics"]["covariates"])} | used


def predictions_of(rules: Mapping[str, StudyRule]) -> dict[str, Predictions]:
    """The files of predicted errors that some rules read, by name."""
    return {rule.predictions: Predictions(rule) for rule in rules.values() if rule.predictions}
