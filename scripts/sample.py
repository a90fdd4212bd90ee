"""Write the table of a population's sampled networks."""

import pandas as pd
from netspaces.files.tables import write_csv
from netspaces.spaces.limits import definition_with_limits
from netspaces.spaces.sampling import sample
from netspaces.workflow.jobs import job

with job(snakemake):
    params = snakemake.params
    definition = definition_with_limits(params.definition, snakemake.input.get("limits"))
    table = pd.DataFrame(sample(definition, params.regime, params.seed, range(params.n)).columns())
    write_csv(snakemake.output[0], table)
