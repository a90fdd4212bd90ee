"""Write all runs of the store into one table, to be passed on or committed."""

from netspaces.training.run_table import save_runs
from netspaces.workflow.jobs import job

with job(snakemake):
    count = save_runs(snakemake.params.results, snakemake.params.table)
print(f"{count:,} runs in {snakemake.params.table}", flush=True)
