"""Write the table of a design space's untrained networks in a regime."""

import pandas as pd
from netspaces.files.tables import write_parquet
from netspaces.spaces.limits import definition_with_limits
from netspaces.spaces.untrained import sample_untrained
from netspaces.workflow.jobs import job

with job(snakemake):
    params = snakemake.params
    definition = definition_with_limits(params.definition, snakemake.input.get("limits"))
    columns = sample_untrained(definition, params.regime, params.seed, params.first, params.networks)
    write_parquet(snakemake.output[0], pd.DataFrame(columns))
