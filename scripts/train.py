"""Train the networks of one job, or find their records in the store, and write what they are."""

import gc
from functools import partial

gc.disable()  # a fifth of the time to import torch is garbage collection that finds nothing

from netspaces.cost.sharing import share  # noqa: E402
from netspaces.data.datasets import load  # noqa: E402
from netspaces.files import write_json  # noqa: E402
from netspaces.spaces.limits import definition_with_limits  # noqa: E402
from netspaces.spaces.sampling import sample  # noqa: E402
from netspaces.training.batches import MEMORY_SHARE  # noqa: E402
from netspaces.training.device import StopRequest, set_up_process  # noqa: E402
from netspaces.training.run import train_network  # noqa: E402
from netspaces.training.workers import run_all  # noqa: E402
from netspaces.workflow.jobs import job  # noqa: E402

gc.enable()


def train(row: int) -> dict:
    """The record of one network of the job."""
    record = train_network(
        drawn.architectures.row(row),
        {name: int(values[row]) for name, values in drawn.complexity.columns().items()},
        params.recipe | drawn.recipe(row),
        params.training_seed,
        dataset,
        params.store,
        device=params.device,
        stopping=lambda: bool(stop.signal),
        checkpoint_seconds=config["checkpoint_seconds"],
        memory_share=MEMORY_SHARE[config["data_on_device"]] / at_once,
    )
    name, error, seconds = f"network {indices[row]}", record["error_min"], record["seconds"]
    print(f"{name}: {record['status']}, error {error:.2f} %, {seconds:.1f} s")
    return {"index": indices[row], "record": record}


with job(snakemake):
    params, config = snakemake.params, snakemake.config
    threads = min(snakemake.threads, config["threads_per_network"])
    at_once = min(config["networks_at_once"], snakemake.threads // threads)  # fewer if the job got fewer cores
    set_up_process(threads)
    stop = StopRequest()
    dataset = load(snakemake.input.dataset.removesuffix("/meta.json"))
    definition = definition_with_limits(params.definition, snakemake.input.get("limits"))
    population = (definition, params.regime, params.seed)
    indices = share(*population, params.recipe, params.device, params.indices, params.part)
    drawn = sample(*population, indices)
    tasks = {f"network {index}": partial(train, row) for row, index in enumerate(indices)}
    networks = list(run_all(tasks, at_once, stop).values())
    write_json(snakemake.output[0], {"population": snakemake.wildcards.population, "networks": networks})
