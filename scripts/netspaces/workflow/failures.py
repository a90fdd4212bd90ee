"""What became of every run of a configuration: its status, or that it is missing and why."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from netspaces.cost.sharing import Shard, share
from netspaces.data.meta import checksum_of
from netspaces.populations.missing import Logs, Missing, look
from netspaces.populations.population import Population
from netspaces.spaces.sampling import sample
from netspaces.training.store import run_keys


def runs_of(
    populations: Mapping[str, Population],
    shards: Mapping[str, Mapping[str, Shard]],
    device: str,
    results: str | Path,
    logs: Logs,
) -> Iterator[Missing | str]:
    """What became of each run of some populations. `shards`: their training jobs, by population and by name.

    Populations are sampled again to know the keys of their runs. Raises DatasetError if a dataset is not prepared.
    """
    results, checksum = Path(results), cache(lambda dataset: checksum_of(Path(results) / dataset))
    for name, population in populations.items():
        sampled = (population.definition, population.regime, population.seed)
        networks = sample(*sampled, range(population.indices[-1] + 1))  # a repetition is told by those before it
        keys = run_keys(networks, population.recipe, population.training_seed, checksum(population.dataset))
        indices = {
            job: share(*sampled, population.recipe, device, list(shard.indices), (shard.number, shard.jobs))
            for job, shard in shards[name].items()
        }
        runs = {index: keys[index] for index in population.indices}
        yield from look(name, indices, runs, results / "runs", logs)
