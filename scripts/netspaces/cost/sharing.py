"""Which training job trains which networks: jobs are made to cost about the same.

Names of jobs and the networks among which they choose are known without sampling anything. Spans of consecutive
networks are each dealt to a few jobs; a job samples its span and takes its share. So growing a population changes the
jobs of its last, partial span only. Shares rest on shipped coefficients alone, never on measured ones: they are the
same at every time and place.
"""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from netspaces.cost.coefficients import DEFAULTS
from netspaces.cost.prediction import Predictor
from netspaces.data.image_counts import ImageCounts
from netspaces.spaces.sampling import Sample, sample

JOBS_PER_SPAN = 8
NOMINAL = ImageCounts(train=50_000, test=10_000)  # shares may not depend on what is prepared, and hardly do on its size


@dataclass(frozen=True)
class Shard:
    """A training job's share: number `number` of the `jobs` to which the networks `indices` are dealt."""

    indices: range
    number: int = 1
    jobs: int = 1


def shards(n: int, models_per_job: int) -> dict[str, Shard]:
    """The training jobs of n networks by name: `00007`, or `00000-00039_3of8`, of `models_per_job` networks on average.

    The networks of up to `JOBS_PER_SPAN` jobs are dealt among these.
    """
    if models_per_job == 1:
        return {f"{i:05d}": Shard(range(i, i + 1)) for i in range(n)}
    jobs_by_name, size = {}, models_per_job * JOBS_PER_SPAN
    for start in range(0, n, size):
        indices = range(start, min(start + size, n))
        jobs = math.ceil(len(indices) / models_per_job)
        for number in range(1, jobs + 1):
            jobs_by_name[f"{start:05d}-{indices[-1]:05d}_{number}of{jobs}"] = Shard(indices, number, jobs)
    return jobs_by_name


def deal(costs: Sequence[float] | np.ndarray, jobs: int) -> list[list[int]]:
    """Deal positions to jobs, the dearest first and each to the job with the least so far; equal ones in order.

    With positive costs and no more jobs than positions every job gets some.
    """
    shares: list[list[int]] = [[] for _ in range(jobs)]
    loads = [(0.0, job) for job in range(jobs)]
    for position in np.argsort(-np.asarray(costs, float), kind="stable").tolist():
        load, job = heapq.heappop(loads)
        shares[job].append(position)
        heapq.heappush(loads, (load + float(costs[position]), job))
    return shares


def weights(networks: Mapping[str, np.ndarray], recipe: Mapping, device: str) -> np.ndarray:
    """What networks cost for dealing: the shipped prediction for a dataset of a nominal size."""
    return Predictor(device, {}, NOMINAL, DEFAULTS[device]).seconds(networks, recipe)


def share(
    definition: Mapping,
    regime: Mapping,
    seed: int,
    recipe: Mapping,
    device: str,
    indices: Sequence[int],
    part: tuple[int, int],
) -> list[int]:
    """The networks that job `part` (its number from 1, how many jobs) of a span trains, the dearest first."""
    if len(indices) == 1:
        return list(indices)
    number, jobs = part
    costs = weights(columns(sample(definition, regime, seed, indices)), recipe, device)
    return [indices[position] for position in deal(costs, jobs)[number - 1]]


def columns(drawn: Sample) -> dict[str, np.ndarray]:
    """What costs depend on, of sampled networks: columns (n,) of complexity, depth in blocks, resolution in pixels."""
    architectures = drawn.architectures
    sizes = {"depth": architectures.depths.sum(axis=1), "resolution": architectures.resolution}
    return drawn.complexity.columns() | sizes
