"""What training jobs ask for, in memory and time: the predicted cost of their networks."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.datasets import datasets_of
from netspaces.cost.chosen import shards_of
from netspaces.cost.coefficients import read_fit
from netspaces.cost.demands import LEAST, Demand, demands, forecast_of
from netspaces.cost.prediction import Predictor
from netspaces.data.image_counts import count_images
from netspaces.spaces.limits import definition_with_limits, read_limits
from netspaces.workflow.paths import Paths


class Demands:
    """The demands of the training jobs of a preset.

    Parameters
    ----------
    configuration : of the preset.
    paths : its files; a prepared dataset, a fit of the cost and limits on complexity count as soon as they are there.
    predict : False in a process that runs one job: it has no need to know, and to sample populations takes a while.
        True raises DamagedFile if one of these files cannot be read.
    """

    def __init__(self, configuration: Configuration, paths: Paths, predict: bool = True) -> None:
        self.configuration, self.paths, self.predict = configuration, paths, predict
        self.settings = configuration.settings
        self._predicted = cache(self._predict)
        if predict:
            self._check_files()

    def _check_files(self) -> None:
        """Read what predictions rest on, as far as it is there; raises DamagedFile before any job is planned."""
        read_fit(f"{self.paths.results}/cost.json", self.settings["device"])
        if limits := self.paths.limits_if_there:
            read_limits(limits)
        for key in datasets_of(self.settings):
            if os.path.exists(meta := self.paths.meta(key)):
                count_images(self.settings[key], meta)

    def cores(self, population: str, job: str) -> int:
        """The cores of a training job: on a CPU those of all networks that train at the same time; a GPU they share."""
        if self.settings["device"] != "cpu":
            return self.settings["threads_per_network"]
        indices = self.configuration.populations[population].indices
        networks = shards_of(indices, self.settings["models_per_job"])[job].indices
        at_once = min(self.settings["networks_at_once"], self.settings["models_per_job"], len(networks))
        return at_once * self.settings["threads_per_network"]

    def of_job(self, population: str, job: str) -> Demand:
        """What a training job needs."""
        if not self.predict:
            return LEAST
        sizes = (self.settings["models_per_job"], self.settings["networks_at_once"])
        return self._of_population(population, self.configuration.populations[population].recipe, sizes)[job]

    def of_final(self, population: str) -> Demand:
        """What a final training needs at most: which network of the population it trains is not known yet."""
        if not self.predict:
            return LEAST
        networks = self._of_population(population, self.settings["recipes"].get("final", {}), (1, 1)).values()
        return Demand(mem_mb=max(n.mem_mb for n in networks), minutes=max(n.minutes for n in networks))

    def _of_population(self, name: str, recipe: Mapping, sizes: tuple[int, int]) -> dict[str, Demand]:
        dataset = self.configuration.populations[name].dataset
        prepared = os.path.exists(self.paths.meta(dataset))  # then the number of images is known
        return self._predicted(name, prepared, json.dumps(recipe), sizes)

    def _predict(self, name: str, prepared: bool, recipe: str, sizes: tuple[int, int]) -> dict[str, Demand]:
        """The demands of a population's jobs by name. `prepared` makes the cache know two answers."""
        population = self.configuration.populations[name]
        definition = definition_with_limits(population.definition, self.paths.limits_if_there)
        networks = forecast_of(replace(population, definition=definition)).networks
        predictor = Predictor.of(self.settings, self.paths.results, population.dataset)
        by_place = demands(networks, json.loads(recipe), predictor, *sizes)
        return dict(zip(shards_of(population.indices, sizes[0]), by_place.values(), strict=True))
