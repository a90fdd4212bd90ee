"""Say which runs are missing and why."""

from pathlib import Path

from netspaces.populations.missing import Logs, report
from netspaces.workflow.failures import runs_of
from netspaces.workflow.jobs import job

with job(snakemake):
    params = snakemake.params
    logs = Logs(Path(params.logs), Path(params.slurm_logs))
    lines = report(runs_of(params.populations, params.shards, params.device, params.results, logs))
print("\n".join(lines), flush=True)
