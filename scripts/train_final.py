"""Train the selected network of a population once more, or find its record in the store."""

import gc
import json
from pathlib import Path

gc.disable()  # as in train.py: importing torch makes no garbage

from netspaces.data.datasets import load  # noqa: E402
from netspaces.files import write_json  # noqa: E402
from netspaces.networks.architecture import Architecture  # noqa: E402
from netspaces.training.batches import MEMORY_SHARE  # noqa: E402
from netspaces.training.device import StopRequest, set_up_process  # noqa: E402
from netspaces.training.run import train_network  # noqa: E402
from netspaces.workflow.jobs import job  # noqa: E402

gc.enable()

with job(snakemake):
    set_up_process(snakemake.threads)
    stop = StopRequest()
    params, config = snakemake.params, snakemake.config
    selected = json.loads(Path(snakemake.input.selected).read_text())
    record = train_network(
        Architecture.from_dict(selected["architecture"]),
        selected["complexity"],
        params.recipe | selected["recipe"],
        params.seed,
        load(snakemake.input.dataset.removesuffix("/meta.json")),
        params.store,
        device=params.device,
        stopping=lambda: bool(stop.signal),
        checkpoint_seconds=config["checkpoint_seconds"],
        memory_share=MEMORY_SHARE[config["data_on_device"]],
    )
    print(f"{record['status']}, error {record['error_min']:.2f} %, {record['seconds']:.1f} s")
    write_json(snakemake.output[0], record)
