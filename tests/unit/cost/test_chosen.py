"""Jobs of populations whose networks are not the first ones of their stream."""

import re
from dataclasses import replace

import numpy as np
import pytest
from helpers.small_spaces import DIGITS
from netspaces.cost.chosen import shards_of
from netspaces.cost.demands import forecast_of
from netspaces.cost.sharing import columns, shards
from netspaces.spaces.sampling import sample
from netspaces.workflow.demands import Demands
from netspaces.workflow.paths import JOB_PATTERN, POPULATION_PATTERN, Paths
from netspaces.workflow.plan import plan_preset

INDICES = [3, 5, 7, 8, 11]
NAME = "RegNetX-base-short-two_phase"
STRATA = [{"from": 1, "free": 8, "indices": [5, 3, 8]}, {"from": 2, "free": 4, "indices": [11, 7]}]


@pytest.mark.parametrize("models_per_job", [1, 2, 8])
def test_each_chosen_network_is_in_one_span_named_after_its_ends(models_per_job):
    jobs = shards_of(INDICES, models_per_job)
    assert len(jobs) == len(shards(5, models_per_job)) and all(re.fullmatch(JOB_PATTERN, name) for name in jobs)
    spans = {shard.indices: shard.jobs for shard in jobs.values()}
    assert [index for span in spans for index in span] == INDICES and sum(spans.values()) == len(jobs)
    for name, shard in jobs.items():
        assert name.startswith(f"{shard.indices[0]:05d}")
    assert shards_of(range(5), models_per_job) == shards(5, models_per_job)


@pytest.mark.parametrize("models_per_job", [1, 2])
def test_costs_are_those_of_the_chosen_networks(tmp_path, models_per_job):
    given = {"two_phase": {"RegNetX-base-short": STRATA}, "models_per_job": models_per_job}
    configuration, paths = replace(DIGITS, settings=DIGITS.settings | given), Paths(str(tmp_path))
    population = configuration.populations[NAME]
    assert re.fullmatch(POPULATION_PATTERN, NAME)
    drawn = columns(sample(population.definition, population.regime, population.seed, INDICES))
    assert np.array_equal(forecast_of(population).networks["flops"], drawn["flops"])
    demands = Demands(configuration, paths)
    jobs = shards_of(INDICES, models_per_job)
    assert all(demands.of_job(NAME, job).minutes >= 1 and demands.cores(NAME, job) == 1 for job in jobs)
    row, total = plan_preset({NAME: population}, configuration.settings, paths.results).rows
    assert (row["networks"], row["to_train"], row["jobs"]) == (5, 5, len(jobs)) and total["to_train"] == 5
