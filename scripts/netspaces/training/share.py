"""What one job trains: its networks, several at a time if it has the cores, each found in the store or trained."""

import gc
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from netspaces.data.datasets import Unopened
from netspaces.files.safe import OneLineWarning
from netspaces.networks.architecture import Architecture
from netspaces.spaces.plugin_check import check_definition
from netspaces.spaces.sampling import sample


@contextmanager
def collection_paused() -> Iterator[None]:
    """No garbage collection meanwhile: it would take a fifth of the time to import torch, and find nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


with collection_paused():
    from netspaces.training.batches import MEMORY_SHARE
    from netspaces.training.lanes import Turns
    from netspaces.training.process import StopRequest, set_up_process
    from netspaces.training.room import Predicted
    from netspaces.training.store import seed_of
    from netspaces.training.train import training
    from netspaces.training.weights import KEPT
    from netspaces.training.workers import run_all


AT_ONCE = "all networks of a job diverged in their first step: look at the images, mean, deviation and learning rate"


class Job(Protocol):
    """What a task is made of: the engine's object of a training job."""

    input: Any  # dataset: meta.json in the folder of the prepared dataset
    params: Any  # store, device
    threads: int
    config: Mapping


@dataclass(frozen=True)
class Network:
    """One network that a job trains: its index in its population, its structure, its complexity, its recipe.

    `repetition` says how many networks before it in the population are the same, `device_mb` how much of a GPU's memory
    it is predicted to take [MiB], without its images.
    """

    index: int
    architecture: Architecture
    complexity: Mapping[str, int]
    recipe: Mapping
    repetition: int = 0
    device_mb: float = 0.0


@dataclass(frozen=True)
class TrainingTask:
    """The share of one job: its networks and how they are trained.

    `seed` is that of training, `dataset` the folder of the prepared dataset, `store` that of run records. `threads` is
    for each network, `at_once` says how many of them train at the same time, `checkpoint_seconds` lie between two
    checkpoints, `memory_share` is that of the device's memory which the images of a process may take, `keep_weights`
    says whether weights are kept beside records. `images_mb` is what the images are predicted to take [MiB].
    """

    networks: Sequence[Network]
    seed: int
    dataset: Path
    store: str | Path
    device: str
    threads: int
    at_once: int
    checkpoint_seconds: float
    memory_share: float
    keep_weights: bool = False
    images_mb: float = 0.0

    @classmethod
    def of(cls, job: Job, networks: Sequence[Network], seed: int, training: str = "population") -> "TrainingTask":
        """The task of a job as its rule and the configuration describe it.

        On a CPU fewer networks at once if it got fewer cores; on a GPU they share the core that drives it.
        `training` is "population", or "final" for one of a selected network.
        """
        threads, device = min(job.threads, job.config["threads_per_network"]), job.params.device
        at_once = min(job.config["networks_at_once"], len(networks))
        if device == "cpu":
            at_once = min(at_once, job.threads // threads)
        processes = at_once if device == "cpu" else 1
        return cls(
            networks=networks,
            seed=seed,
            dataset=Path(job.input.dataset).parent,
            store=job.params.store,
            device=device,
            threads=threads,
            at_once=at_once,
            checkpoint_seconds=job.config["checkpoint_seconds"],
            memory_share=MEMORY_SHARE[job.config["data_on_device"]] / processes,
            keep_weights=training in KEPT[job.config["keep_weights"]],
        )


def sampled_networks(
    definition: Mapping, regime: Mapping, seed: int, indices: Sequence[int], recipe: Mapping
) -> list[Network]:
    """The networks of a population with these indices, sampled again; sampled values of a recipe replace its own.

    All networks up to the last index are sampled, because a repetition is told by those before it. Raises PluginError
    for a user's block or family that is at fault.
    """
    check_definition(definition, recipe.get("zero_init_residual", False))
    networks = sample(definition, regime, seed, range(max(indices) + 1))
    columns, repetitions = networks.complexity.columns(), networks.repetitions()
    return [
        Network(
            index=index,
            architecture=networks.architectures.row(index),
            complexity={name: int(values[index]) for name, values in columns.items()},
            recipe={**recipe, **networks.recipe(index)},
            repetition=repetitions[index],
        )
        for index in indices
    ]


def selected_network(selected: Mapping, recipe: Mapping) -> Network:
    """The network that `netspaces.populations.finals` selected, to be trained with another recipe."""
    return Network(
        index=selected["index"],
        architecture=Architecture.from_dict(selected["architecture"]),
        complexity=selected["complexity"],
        recipe={**recipe, **selected["recipe"]},
    )


def train_share(task: TrainingTask) -> list[dict]:
    """For each network of a task, in order: its index and its record.

    Raises TasksFailed when all others have ended if some could not be trained, Interrupted after a stop request.
    """
    set_up_process(task.threads)
    stop = StopRequest()
    train = partial(_turns, task=task, dataset=Unopened.at(task.dataset), stop=stop)
    networks = {f"network {network.index}": network for network in longest_first(task.networks, task.at_once)}
    beside_others, last = (
        {name: partial(train, network, beside_others=beside) for name, network in networks.items()}
        for beside in (task.device != "cpu", False)
    )
    sizes = {name: network.device_mb for name, network in networks.items()}
    predicted = Predicted(sizes, task.images_mb, task.memory_share)
    ended = run_all(beside_others, task.at_once, stop, task.device, last, predicted)
    records = [ended[f"network {network.index}"] for network in task.networks]
    if all((record["diverged_in_epoch"], record["diverged_in_step"]) == (1, 1) for record in records):
        warnings.warn(OneLineWarning(AT_ONCE), stacklevel=2)
    return [{"index": network.index, "record": record} for network, record in zip(task.networks, records, strict=True)]


def longest_first(networks: Sequence[Network], at_once: int) -> list[Network]:
    """Networks in the order in which they begin: where several train at once, those of most work first."""
    if at_once == 1:
        return list(networks)
    return sorted(networks, key=lambda network: (-network.complexity["activations"], network.index))


def _turns(
    network: Network, task: TrainingTask, dataset: Unopened, stop: StopRequest, beside_others: bool
) -> Turns[dict]:
    record = yield from training(
        network.architecture,
        network.complexity,
        network.recipe,
        seed_of(task.seed, network.repetition),
        dataset,
        task.store,
        device=task.device,
        stopping=lambda: bool(stop.signal),
        checkpoint_seconds=task.checkpoint_seconds,
        memory_share=task.memory_share,
        keep_weights=task.keep_weights,
        beside_others=beside_others,
    )
    error, seconds = record["error_min"], record["seconds"]
    print(f"network {network.index}: {record['status']}, error {error:.2f} %, {seconds:.1f} s")
    return record
