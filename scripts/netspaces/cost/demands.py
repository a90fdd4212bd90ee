"""What training jobs ask for: memory and time, from what is known of the networks before they are trained."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from netspaces.cost.coefficients import gain
from netspaces.cost.prediction import Predictor
from netspaces.cost.sharing import columns, deal, shards, weights
from netspaces.populations.population import Population
from netspaces.spaces.sampling import Sample, SamplingError, sample

FIRST_NETWORKS, FIRST_DRAWS = 16, 50_000  # whether a population is cheap to sample shows in these
CHEAP_DRAWS = 5000  # per network on average; one in ten thousand of the paper's spaces' networks needs more
CONSTRAINTS = ("constraints", "constraints_from", "limits")
FREE = "networks that need not meet the constraints of the space, which is rare"
FLOPS_PER_ACTIVATION = 20  # at most one network in fifty of any space has fewer
DEEPEST, PARAMS_PER_FLOP = 64, 1.0

LEAST_MB, LEAST_MINUTES = 1000, 10
MEMORY_MARGIN, LEAST_TIME_MARGIN = 1.3, 2.0


@dataclass(frozen=True)
class Forecast:
    """The networks of a population as far as they can be known cheaply: `drawn` is None where only limits are."""

    networks: dict[str, np.ndarray]
    drawn: Sample | None
    note: str = ""


def forecast(definition: Mapping, regime: Mapping, seed: int, n: int) -> Forecast:
    """Sample a population; where that is dear, networks that need not meet its constraints.

    Where it has none, or these are dear too, upper limits from its first networks, or from the regime.
    """
    free = {key: value for key, value in definition.items() if key not in CONSTRAINTS}
    first: Sample | None = None
    try:
        first = sample(definition, regime, seed, range(min(n, FIRST_NETWORKS)), FIRST_DRAWS)
    except SamplingError as error:
        note = f"upper limits of the regime: {error}"
    if (first is None or first.draws.mean() > CHEAP_DRAWS) and free != definition:
        return Forecast(forecast(free, regime, seed, n).networks, None, FREE)
    if first is None:
        return Forecast(_limits(definition, regime, n), None, note)
    if first.draws.mean() > CHEAP_DRAWS:
        largest = {name: np.full(n, values.max()) for name, values in columns(first).items()}
        return Forecast(largest, None, f"the largest of the first {len(first.indices)}: a rare space")
    drawn = sample(definition, regime, seed, range(n))
    return Forecast(columns(drawn), drawn)


def forecast_of(population: Population) -> Forecast:
    """The networks of a population; `drawn`, all of its stream up to the last of them."""
    indices = np.asarray(population.indices)
    known = forecast(population.definition, population.regime, population.seed, int(indices[-1]) + 1)
    return replace(known, networks={name: values[indices] for name, values in known.networks.items()})


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
    jobs = shards(len(seconds), models_per_job)
    spans = {shard.indices: shard.jobs for shard in jobs.values()}
    dealt = {indices: deal(costs[indices.start : indices.stop], number) for indices, number in spans.items()}
    demands_by_job = {}
    for name, shard in jobs.items():
        share = shard.indices.start + np.array(dealt[shard.indices][shard.number - 1])
        demands_by_job[name] = _demand(seconds[share], memory[share], predictor, networks_at_once)
    return demands_by_job


def _demand(seconds: np.ndarray, memory: np.ndarray, predictor: Predictor, networks_at_once: int) -> Demand:
    """What a job needs whose networks take so many seconds, and MiB each, if so many of them train at the same time.

    On a GPU they share one process of the host.
    """
    coefficients, together = predictor.coefficients, min(networks_at_once, len(seconds))
    working = max(seconds.sum() / gain(predictor.device, together), seconds.max())
    minutes = max(coefficients.spread, LEAST_TIME_MARGIN) * (coefficients.per_job + working) / 60
    mb = MEMORY_MARGIN * (together if predictor.device == "cpu" else 1) * memory.max()
    return Demand(mem_mb=max(math.ceil(mb), LEAST_MB), minutes=max(math.ceil(minutes), LEAST_MINUTES))
