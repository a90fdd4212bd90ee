"""Train the networks of one job, or find their records in the store, and write what they are."""

import gc
import traceback

gc.disable()  # a fifth of the time to import torch is garbage collection that finds nothing

from netspaces.datasets import load  # noqa: E402
from netspaces.files import write_json  # noqa: E402
from netspaces.jobs import job  # noqa: E402
from netspaces.limits import definition_with_limits  # noqa: E402
from netspaces.process import StopRequest, set_up_process  # noqa: E402
from netspaces.spaces import sample  # noqa: E402
from netspaces.training import train_network  # noqa: E402

gc.enable()

with job(snakemake.log[0]):
    set_up_process(snakemake.threads)
    stop = StopRequest()
    params = snakemake.params
    dataset = load(snakemake.input.dataset.removesuffix("/meta.json"))
    definition = definition_with_limits(params.definition, snakemake.input.get("limits"))
    drawn = sample(definition, params.regime, params.seed, params.indices)
    networks, failures = [], []
    for row, index in enumerate(params.indices):
        try:
            record = train_network(
                drawn.architectures.row(row),
                {name: int(values[row]) for name, values in drawn.complexity.columns().items()},
                params.recipe,
                params.training_seed,
                dataset,
                params.store,
                params.digest,
                device=params.device,
                stopping=lambda: bool(stop.signal),
                checkpoint_seconds=snakemake.config["checkpoint_seconds"],
            )
        except Exception as error:  # its neighbours go on; the job fails at its end, and the next finds their records
            print(f"network {index}: failed")
            traceback.print_exc()
            failures.append(error)
            continue
        print(f"network {index}: {record['status']}, error {record['error_min']:.2f} %, {record['seconds']:.1f} s")
        networks.append({"index": index, "record": record})
    if failures:
        raise failures[0]
    write_json(snakemake.output[0], {"population": snakemake.wildcards.population, "networks": networks})
