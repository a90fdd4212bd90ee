"""Time every network of a sampled population in several settings: precision, batch size, device."""

import pandas as pd
from netspaces.files import write_atomically
from netspaces.networks.architecture import Architectures
from netspaces.published.timing import is_there, measurements
from netspaces.training.device import set_up_device, set_up_process
from netspaces.workflow.jobs import job

KEPT = ["index", "resolution", "depth", "flops", "params", "activations"]

with job(snakemake.log[0]):
    params, timing = snakemake.params, dict(snakemake.params.timing)
    set_up_process(timing.pop("threads"))
    set_up_device(params.device)
    declared = timing.pop("settings")
    settings = [{"device": params.device} | timing | setting for setting in declared]
    for setting in settings:
        print(setting, "measured" if is_there(setting["device"]) else "left out: no such device here")
    sampled = pd.read_csv(snakemake.input[0], float_precision="round_trip")
    architectures, rows = Architectures.from_columns(sampled), []
    for i in range(len(sampled)):
        taken = measurements(architectures.row(i), params.channels, params.classes, settings)
        rows += [dict(sampled.loc[i, KEPT]) | row for row in taken]
        print(f"network {sampled['index'][i]}: done")
    table = pd.DataFrame(rows).astype({name: int for name in KEPT})
    write_atomically(snakemake.output[0], lambda file: table.to_csv(file, index=False, float_format="%.5g"))
