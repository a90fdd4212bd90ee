"""Dealing: every network in exactly one job, jobs that cost about the same, and what they ask for."""

import re

import numpy as np
import pytest
from helpers.invented import definition
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.cost.prediction import DEFAULTS, Images, Predictor
from netspaces.cost.sharing import (
    FLOPS_PER_ACTIVATION,
    JOBS_PER_BLOCK,
    LEAST_MB,
    LEAST_MINUTES,
    columns,
    deal,
    demands,
    forecast,
    shards,
    share,
    weights,
)
from netspaces.spaces.sampling import sample

REGIME = {"flops": [1e5, 1e6]}
RECIPE = {"epochs": 5, "batch_size": 64}
DATASET = {"resolution": 8, "channels": 1}
laws = settings(deadline=None, max_examples=100)
positive = st.floats(1e-3, 1e6)


def drawn(n: int, space: str = "AnyNetX_A") -> dict[str, np.ndarray]:
    return columns(sample(definition(space), REGIME, 0, range(n)))


def job(name: str, n: int, models_per_job: int, space: str = "AnyNetX_A") -> list[int]:
    """The networks that a job trains."""
    shard = shards(n, models_per_job)[name]
    return share(definition(space), REGIME, 0, RECIPE, "cpu", list(shard.indices), (shard.number, shard.jobs))


# ---- Names -----------------------------------------------------------------------------------------------------------


@laws
@given(st.integers(1, 300), st.integers(1, 40))
def test_jobs_are_as_many_as_needed_and_blocks_hold_every_network_once(n, models_per_job):
    found = shards(n, models_per_job)
    assert len(found) == -(-n // models_per_job)
    assert list(found) == sorted(found)
    assert all(re.fullmatch(r"\d{5}(-\d{5}_\d+of\d+)?", name) for name in found)
    firsts = [shard for shard in found.values() if shard.number == 1]
    assert [i for shard in firsts for i in shard.indices] == list(range(n))
    for shard in firsts:
        assert [other.number for other in found.values() if other.indices == shard.indices] == [
            *range(1, shard.jobs + 1)
        ]


@laws
@given(st.integers(1, 300), st.integers(1, 100), st.integers(1, 20))
def test_growing_a_population_changes_jobs_of_its_last_block_only(n, more, models_per_job):
    before, after = shards(n, models_per_job), shards(n + more, models_per_job)
    kept = n - n % (models_per_job * (JOBS_PER_BLOCK if models_per_job > 1 else 1))
    assert {name for name, shard in before.items() if shard.indices.stop <= kept} <= set(after)
    assert all(before[name] == after[name] for name in set(before) & set(after))


def test_names_of_jobs():
    assert list(shards(3, 1)) == ["00000", "00001", "00002"]
    assert list(shards(25, 5)) == [f"00000-00024_{number}of5" for number in range(1, 6)]
    assert list(shards(42, 5))[-2:] == ["00000-00039_8of8", "00040-00041_1of1"]


# ---- Dealing ---------------------------------------------------------------------------------------------------------


@laws
@given(st.lists(positive, min_size=1, max_size=60), st.integers(1, 12))
def test_everything_is_dealt_once_the_dearest_first_and_evenly(costs, jobs):
    jobs = min(jobs, len(costs))
    hands = deal(costs, jobs)
    assert sorted(position for hand in hands for position in hand) == list(range(len(costs)))
    assert len(hands) == jobs and all(hands)
    for hand in hands:
        assert [costs[position] for position in hand] == sorted((costs[position] for position in hand), reverse=True)
    loads = [sum(costs[position] for position in hand) for hand in hands]
    heaviest = hands[int(np.argmax(loads))]
    assert max(loads) - costs[heaviest[-1]] <= min(loads) * (1 + 1e-9)  # the last card went to the least loaded


def test_ties_go_by_number():
    assert deal([1.0] * 6, 3) == [[0, 3], [1, 4], [2, 5]]


@pytest.mark.parametrize("space", ["AnyNetX_A", "RegNetX"])
@pytest.mark.parametrize(("n", "models_per_job"), [(25, 5), (13, 3), (7, 1), (3, 10)])
def test_every_network_is_in_exactly_one_job(space, n, models_per_job):
    found = [job(name, n, models_per_job, space) for name in shards(n, models_per_job)]
    assert sorted(index for indices in found for index in indices) == list(range(n))
    assert found == [job(name, n, models_per_job, space) for name in shards(n, models_per_job)]


def test_jobs_of_a_block_cost_about_the_same():
    costs = weights(drawn(200), RECIPE, "cpu")
    dealt = np.array([sum(costs[job(name, 200, 5)]) for name in shards(200, 5)]).reshape(5, JOBS_PER_BLOCK)
    in_order = costs.reshape(5, JOBS_PER_BLOCK, 5).sum(axis=2)
    assert (np.ptp(dealt, axis=1) < 0.25 * np.ptp(in_order, axis=1)).all()


# ---- What jobs need --------------------------------------------------------------------------------------------------


def predictor(train: int = 50_000, **coefficients) -> Predictor:
    shipped = vars(DEFAULTS["cpu"]) | coefficients
    return Predictor("cpu", DATASET, Images(train, 1000), type(DEFAULTS["cpu"])(**shipped))


def test_a_population_is_sampled():
    known = forecast(definition("AnyNetX_A"), REGIME, 0, 20)
    assert known.drawn is not None and known.note == ""
    assert np.array_equal(known.networks["flops"], drawn(20)["flops"])


def test_a_rare_space_has_the_limits_of_its_first_networks(monkeypatch):
    monkeypatch.setattr("netspaces.cost.sharing.CHEAP_DRAWS", 1)
    known = forecast(definition("AnyNetX_A"), REGIME, 0, 50)
    assert known.drawn is None and "first 16" in known.note
    assert set(known.networks["flops"]) == {drawn(16)["flops"].max()} and len(known.networks["flops"]) == 50


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
