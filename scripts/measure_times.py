"""Time every network of a sampled population on the device at hand, perhaps in several settings."""

import pandas as pd
from netspaces.files import write_atomically
from netspaces.published.sampled_times import measure_population
from netspaces.workflow.jobs import job

with job(snakemake):
    params = snakemake.params
    sampled = pd.read_csv(snakemake.input[0], float_precision="round_trip")
    table = measure_population(sampled, params.channels, params.classes, params.device, params.timing)
    write_atomically(snakemake.output[0], lambda file: table.to_csv(file, index=False, float_format="%.5g"))
