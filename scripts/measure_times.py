"""Time every network of a sampled population on the device at hand."""

import pandas as pd
from netspaces.files import write_atomically
from netspaces.networks.architecture import Architectures
from netspaces.published.timing import measure
from netspaces.training.device import set_up_device, set_up_process
from netspaces.workflow.jobs import job

KEPT = ["index", "resolution", "flops", "params", "activations"]

with job(snakemake.log[0]):
    params, timing = snakemake.params, dict(snakemake.params.timing)
    set_up_process(timing.pop("threads"))
    set_up_device(params.device)
    sampled = pd.read_csv(snakemake.input[0], float_precision="round_trip")
    architectures = Architectures.from_columns(sampled)
    rows = []
    for i in range(len(sampled)):
        timed = measure(architectures.row(i), params.channels, params.classes, params.device, **timing)
        print(f"network {sampled['index'][i]}: {timed.inference_ms:.3g} ms, training step {timed.training_ms:.3g} ms")
        rows.append(timed.columns())
    table = pd.concat([sampled[KEPT], pd.DataFrame(rows)], axis="columns")
    write_atomically(snakemake.output[0], lambda file: table.to_csv(file, index=False, float_format="%.5g"))
