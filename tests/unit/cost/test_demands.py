"""What training jobs ask for: time and memory for their share, limits where a space is dear to sample."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.invented import definition
from netspaces.cost.coefficients import DEFAULTS, LANES_GAIN, gain
from netspaces.cost.demands import FLOPS_PER_ACTIVATION, LEAST_MB, LEAST_MINUTES, demands, forecast
from netspaces.cost.prediction import Predictor
from netspaces.cost.sharing import columns, shards, share
from netspaces.data.image_counts import ImageCounts
from netspaces.spaces.sampling import sample

REGIME = {"flops": [1e5, 1e6]}
RECIPE = {"epochs": 5, "batch_size": 64}
DATASET = {"resolution": 8, "channels": 1}


def drawn(n: int) -> dict[str, np.ndarray]:
    return columns(sample(definition("AnyNetX_A"), REGIME, 0, range(n)))


def job(name: str, n: int, models_per_job: int) -> list[int]:
    """The networks that a job trains."""
    shard = shards(n, models_per_job)[name]
    part = (shard.number, shard.jobs)
    return share(definition("AnyNetX_A"), REGIME, 0, RECIPE, "cpu", list(shard.indices), part)


def predictor(train: int = 50_000, **coefficients) -> Predictor:
    shipped = vars(DEFAULTS["cpu"]) | coefficients
    return Predictor("cpu", DATASET, ImageCounts(train, 1000), type(DEFAULTS["cpu"])(**shipped))


def test_a_population_is_sampled():
    known = forecast(definition("AnyNetX_A"), REGIME, 0, 20)
    assert known.drawn is not None and known.note == ""
    assert np.array_equal(known.networks["flops"], drawn(20)["flops"])


def test_a_rare_space_has_the_limits_of_its_first_networks(monkeypatch):
    monkeypatch.setattr("netspaces.cost.demands.CHEAP_DRAWS", 1)
    known = forecast(definition("AnyNetX_A"), REGIME, 0, 50)
    assert known.drawn is None and "first 16" in known.note
    assert set(known.networks["flops"]) == {drawn(16)["flops"].max()} and len(known.networks["flops"]) == 50


def test_a_space_whose_constraints_are_rarely_met_has_networks_that_need_not_meet_them():
    rare = definition("AnyNetX_A") | {"constraints": ["depth == 61"]}
    known = forecast(rare, REGIME, 0, 20)
    assert known.drawn is None and "need not meet" in known.note
    assert np.array_equal(known.networks["flops"], forecast(definition("AnyNetX_A"), REGIME, 0, 20).networks["flops"])


def test_a_space_without_networks_has_the_limits_of_its_regime():
    known = forecast(definition("AnyNetX_A"), {"flops": [1, 2]}, 0, 5)
    assert known.drawn is None and "no network found" in known.note
    assert known.networks["flops"].tolist() == [2] * 5
    by_activations = forecast(definition("AnyNetX_A"), {"activations": [1, 2]}, 0, 5).networks
    assert by_activations["activations"].tolist() == [2] * 5
    assert by_activations["flops"].tolist() == [2 * FLOPS_PER_ACTIVATION] * 5


def test_limits_of_a_regime_are_not_below_its_networks():
    networks = drawn(200)
    known = forecast(definition("AnyNetX_A"), REGIME | {"params": [1, 1]}, 0, 1).networks
    assert np.mean(networks["activations"] <= known["activations"]) > 0.95
    assert networks["depth"].max() <= known["depth"]


def test_a_job_needs_time_for_its_share():
    networks, found = drawn(40), predictor(train=10**6, per_job=0.0)
    alone = demands(networks, RECIPE, found, 1)
    assert list(alone) == list(shards(40, 1))
    seconds = found.seconds(networks, RECIPE)
    assert alone["00003"].minutes == max(LEAST_MINUTES, np.ceil(3 * seconds[3] / 60))
    together = demands(networks, RECIPE, found, 5)
    for name in together:
        total = seconds[job(name, 40, 5)].sum()
        assert together[name].minutes == max(LEAST_MINUTES, np.ceil(3 * total / 60))
    packed = demands(networks, RECIPE, found, 5, networks_at_once=4)
    assert all(packed[name].minutes <= together[name].minutes for name in together)
    assert sum(d.minutes for d in packed.values()) < 0.5 * sum(d.minutes for d in together.values())
    assert all(packed[name].mem_mb > together[name].mem_mb for name in together)


def test_demands_have_a_floor_and_grow_with_epochs_images_and_spread():
    networks = drawn(4)
    least = demands(networks, RECIPE, predictor(train=100), 1)["00000"]
    assert (least.mem_mb, least.minutes) == (LEAST_MB, LEAST_MINUTES)
    base = demands(networks, RECIPE, predictor(), 1)["00000"]
    assert base.mem_mb >= LEAST_MB
    assert demands(networks, RECIPE | {"epochs": 100}, predictor(), 1)["00000"].minutes > base.minutes
    assert demands(networks, RECIPE, predictor(train=10**6), 1)["00000"].minutes > base.minutes
    assert demands(networks, RECIPE, predictor(train=10**7), 1)["00000"].mem_mb > base.mem_mb
    assert demands(networks, RECIPE, predictor(spread=60.0), 1)["00000"].minutes > base.minutes


def test_networks_that_share_a_gpu_share_a_process_and_gain_at_most_what_is_expected():
    networks = drawn(40)
    found = Predictor("cuda", DATASET, ImageCounts(50_000, 10_000), replace(DEFAULTS["cuda"], per_job=0.0))
    one, eight = (demands(networks, RECIPE | {"epochs": 500}, found, 8, at_once) for at_once in (1, 8))
    assert [each.mem_mb for each in one.values()] == [each.mem_mb for each in eight.values()]
    total = [sum(each.minutes for each in jobs.values()) for jobs in (one, eight)]
    assert total[0] / total[1] == pytest.approx(LANES_GAIN, rel=0.1)
    assert (gain("cpu", 8), gain("cuda", 8), gain("cuda", 1)) == (8, LANES_GAIN, 1)
