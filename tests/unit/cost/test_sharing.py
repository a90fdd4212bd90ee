"""Dealing: every network in exactly one job, and jobs that cost about the same."""

import re

import numpy as np
import pytest
from helpers.invented import definition
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.cost.sharing import JOBS_PER_SPAN, columns, deal, shards, share, weights
from netspaces.spaces.sampling import sample

REGIME = {"flops": [1e5, 1e6]}
RECIPE = {"epochs": 5, "batch_size": 64}
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
    kept = n - n % (models_per_job * (JOBS_PER_SPAN if models_per_job > 1 else 1))
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
    dealt = np.array([sum(costs[job(name, 200, 5)]) for name in shards(200, 5)]).reshape(5, JOBS_PER_SPAN)
    in_order = costs.reshape(5, JOBS_PER_SPAN, 5).sum(axis=2)
    assert (np.ptp(dealt, axis=1) < 0.25 * np.ptp(in_order, axis=1)).all()
