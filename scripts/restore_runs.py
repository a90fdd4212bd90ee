"""Put the runs of a table back into the store, so that the workflow finds them and trains nothing."""

from netspaces.training.run_table import restore_runs
from netspaces.workflow.jobs import job

with job(snakemake):
    restored = restore_runs(snakemake.params.results, snakemake.params.table, snakemake.params.datasets)
print(restored, flush=True)
