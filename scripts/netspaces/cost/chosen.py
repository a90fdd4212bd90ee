"""Which training job trains which networks of a population, also of one that is drawn in two phases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netspaces.cost.sharing import Shard, shards


@dataclass(frozen=True)
class ChosenShard:
    """A training job's share, as `Shard`, of networks that are not consecutive."""

    indices: tuple[int, ...]
    number: int = 1
    jobs: int = 1


def shards_of(networks: Sequence[int], models_per_job: int) -> Mapping[str, Shard | ChosenShard]:
    """The training jobs of some networks by name, as `shards` has them for the first n ones.

    Parameters
    ----------
    networks : their indices, ascending; a range for the first n ones.
    """
    jobs = shards(len(networks), models_per_job)
    if isinstance(networks, range):
        return jobs
    chosen = [
        ChosenShard(tuple(networks[place] for place in shard.indices), shard.number, shard.jobs)
        for shard in jobs.values()
    ]
    return {_name(shard, models_per_job): shard for shard in chosen}


def _name(shard: ChosenShard, models_per_job: int) -> str:
    first, last = shard.indices[0], shard.indices[-1]
    return f"{first:05d}" if models_per_job == 1 else f"{first:05d}-{last:05d}_{shard.number}of{shard.jobs}"
