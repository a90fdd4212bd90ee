"""Write the table of a population's sampled networks: its first ones, or those with some indices."""

import pandas as pd
from netspaces.files.tables import write_csv
from netspaces.spaces.limits import definition_with_limits
from netspaces.spaces.sampling import sample
from netspaces.workflow.jobs import job

with job(snakemake):
    params = snakemake.params
    definition = definition_with_limits(params.definition, snakemake.input.get("limits"))
    indices = range(params.networks) if isinstance(params.networks, int) else params.networks
    table = pd.DataFrame(sample(definition, params.regime, params.seed, indices).columns())
    write_csv(snakemake.output[0], table)
