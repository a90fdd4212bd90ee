"""Select the best network of a population: the one that is trained again with the recipe `final`."""

import pandas as pd
from netspaces.files import write_json
from netspaces.populations.finals import select_best
from netspaces.workflow.jobs import job

with job(snakemake):
    selected = select_best(pd.read_parquet(snakemake.input[0]), snakemake.params.error, snakemake.params.sampled)
    write_json(snakemake.output[0], selected)
