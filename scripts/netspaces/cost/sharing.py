"""Which training job trains which networks, and what a job needs: jobs are made to cost about the same.

Names of jobs and the networks among which they choose are known without sampling anything. Blocks of consecutive
networks are each dealt to a few jobs; a job samples its block and takes its share. So growing a population changes the
jobs of its last, partial block only. Shares rest on shipped coefficients alone, never on measured ones: they are the
same at every time and place.
"""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from netspaces.cost.prediction import DEFAULTS, Images, Predictor
from netspaces.spaces.sampling import Sample, SamplingError, sample

JOBS_PER_BLOCK = 8
NOMINAL = Images(train=50_000, test=10_000)  # shares must not depend on what is prepared; they hardly do on its size

FIRST_NETWORKS, FIRST_DRAWS = 16, 20_000  # whether a population is cheap to sample shows in these
CHEAP_DRAWS = 5000  # per network on average; one in ten thousand of the paper's spaces' networks needs more
FLOPS_PER_ACTIVATION = 20  # at most one network in fifty of any space has fewer
DEEPEST, PARAMS_PER_FLOP = 64, 1.0

LEAST_MB, LEAST_MINUTES = 1000, 10
MEMORY_MARGIN, LEAST_TIME_MARGIN = 1.3, 2.0


@dataclass(frozen=True)
class Shard:
    """A training job's share: number `number` of the `jobs` to which the networks `indices` are dealt."""

    indices: range
    number: int = 1
    jobs: int = 1


def shards(n: int, models_per_job: int) -> dict[str, Shard]:
    """The training jobs of n networks by name: `00007`, or `00000-00039_3of8`, of `models_per_job` networks on average.

    The networks of up to `JOBS_PER_BLOCK` jobs are dealt among these.
    """
    if models_per_job == 1:
        return {f"{i:05d}": Shard(range(i, i + 1)) for i in range(n)}
    found, size = {}, models_per_job * JOBS_PER_BLOCK
    for start in range(0, n, size):
        indices = range(start, min(start + size, n))
        jobs = math.ceil(len(indices) / models_per_job)
        block = f"{start:05d}-{indices[-1]:05d}"
        found |= {f"{block}_{number}of{jobs}": Shard(indices, number, jobs) for number in range(1, jobs + 1)}
    return found


def deal(costs: Sequence[float], jobs: int) -> list[list[int]]:
    """Deal positions to jobs, the dearest first and each to the job with the least so far; equal ones in order.

    With positive costs and no more jobs than positions every job gets some.
    """
    hands, loads = [[] for _ in range(jobs)], [(0.0, job) for job in range(jobs)]
    for position in np.argsort(-np.asarray(costs, float), kind="stable").tolist():
        load, job = heapq.heappop(loads)
        hands[job].append(position)
        heapq.heappush(loads, (load + float(costs[position]), job))
    return hands


def weights(networks: Mapping[str, np.ndarray], recipe: Mapping, device: str) -> np.ndarray:
    """What networks cost for dealing: the shipped prediction for a dataset of a nominal size."""
    return Predictor(device, {}, NOMINAL, DEFAULTS[device]).seconds(networks, recipe)


def share(
    definition: Mapping, regime: Mapping, seed: int, recipe: Mapping, device: str, indices: Sequence[int], part: tuple
) -> list[int]:
    """The networks that job `part` (its number from 1, how many jobs) of a block trains, the dearest first."""
    if len(indices) == 1:
        return list(indices)
    number, jobs = part
    costs = weights(columns(sample(definition, regime, seed, indices)), recipe, device)
    return [indices[position] for position in deal(costs, jobs)[number - 1]]


def columns(drawn: Sample) -> dict[str, np.ndarray]:
    """What costs depend on, of sampled networks."""
    architectures = drawn.architectures
    sizes = {"depth": architectures.depths.sum(axis=1), "resolution": architectures.resolution}
    return drawn.complexity.columns() | sizes


# ---- What jobs need


@dataclass(frozen=True)
class Forecast:
    """The networks of a population as far as they can be known cheaply: `drawn` is None where only limits are."""

    networks: dict[str, np.ndarray]
    drawn: Sample | None
    note: str = ""


def forecast(definition: Mapping, regime: Mapping, seed: int, n: int) -> Forecast:
    """Sample a population; where that is dear, upper limits from its first networks, or from the regime."""
    try:
        first = sample(definition, regime, seed, range(min(n, FIRST_NETWORKS)), FIRST_DRAWS)
    except SamplingError as error:
        return Forecast(_limits(definition, regime, n), None, f"upper limits of the regime: {error}")
    if first.draws.mean() > CHEAP_DRAWS:
        largest = {name: np.full(n, values.max()) for name, values in columns(first).items()}
        return Forecast(largest, None, f"the largest of the first {len(first.indices)}: a rare space")
    drawn = sample(definition, regime, seed, range(n))
    return Forecast(columns(drawn), drawn)


def _limits(definition: Mapping, regime: Mapping, n: int) -> dict[str, np.ndarray]:
    """The most that networks in a regime may cost; what it does not limit follows from flops."""
    high = {metric: limits[1] for metric, limits in regime.items()}
    activations = high.get("activations", high.get("activations_all"))
    flops = high.get("flops", FLOPS_PER_ACTIVATION * (activations or high.get("params", 0)))
    resolution = definition["parameters"]["resolution"]
    values = {
        "flops": flops,
        "params": high.get("params", PARAMS_PER_FLOP * flops),
        "activations": activations or flops / FLOPS_PER_ACTIVATION,
        "depth": DEEPEST,
        "resolution": resolution["high"] if isinstance(resolution, Mapping) else resolution,
    }
    return {name: np.full(n, value, float) for name, value in values.items()}


@dataclass(frozen=True)
class Demand:
    """What a training job asks for at its first attempt: MiB of memory and minutes."""

    mem_mb: int
    minutes: int


LEAST = Demand(LEAST_MB, LEAST_MINUTES)


def demands(
    networks: Mapping[str, np.ndarray],
    recipe: Mapping,
    predictor: Predictor,
    models_per_job: int,
    networks_at_once: int = 1,
) -> dict[str, Demand]:
    """What each training job of a population needs, by its name, with a margin for the prediction's spread."""
    seconds, memory = predictor.seconds(networks, recipe), predictor.host_mb(networks, recipe)
    costs = weights(networks, recipe, predictor.device)
    margin = max(predictor.coefficients.spread, LEAST_TIME_MARGIN)
    found, hands = {}, {}
    for name, shard in shards(len(seconds), models_per_job).items():
        block = slice(shard.indices.start, shard.indices.stop)
        if shard.number == 1:
            hands = deal(costs[block], shard.jobs)
        hand = hands[shard.number - 1]
        times, together = seconds[block][hand], min(networks_at_once, len(hand))
        working = max(times.sum() / together, times.max())
        needed = margin * (predictor.coefficients.per_job + working) / 60
        mb = MEMORY_MARGIN * together * memory[block][hand].max()
        found[name] = Demand(max(math.ceil(mb), LEAST_MB), max(math.ceil(needed), LEAST_MINUTES))
    return found
