"""Derive limits on complexity from the best networks of one population per regime."""

import pandas as pd
from netspaces.files import write_json
from netspaces.statistics.flops_fits import complexity_limits
from netspaces.workflow.jobs import job

with job(snakemake):
    tables = [pd.read_parquet(path) for path in snakemake.input]
    limits = complexity_limits(tables, snakemake.params.error)
    print(f"{'; '.join(limits['constraints'])}: below {limits['multipliers']} times the fits to the best networks")
    write_json(snakemake.output[0], limits)
