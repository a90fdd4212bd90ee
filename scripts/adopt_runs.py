"""Give the runs that were stored under hashes of source bytes their keys of today, and say how many there were."""

from netspaces.training.store import adopt_runs
from netspaces.workflow.jobs import job

with job(snakemake):
    adoption = adopt_runs(snakemake.params.store)
print(adoption, flush=True)
