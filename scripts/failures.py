"""Say which runs are missing and why."""

from pathlib import Path

from netspaces.datasets import load
from netspaces.failures import Logs, keys, look, report
from netspaces.jobs import job
from netspaces.spaces import sample

with job(snakemake.log[0]):
    params, found = snakemake.params, []
    checksum = load(params.dataset).checksum
    logs = Logs(Path(params.logs), Path(params.slurm_logs))
    for name, population in params.populations.items():
        drawn = sample(population["definition"], population["regime"], population["seed"], range(population["n"]))
        of = keys(drawn.architectures, population["recipe"], population["seed"], checksum, params.digest)
        found += look(name, params.shards[name], dict(enumerate(of)), Path(params.store), logs)
    lines = report(found)
print("\n".join(lines), flush=True)
