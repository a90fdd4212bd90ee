"""Say which runs are missing and why."""

from functools import cache
from pathlib import Path

from netspaces.cost.sharing import share
from netspaces.data.datasets import load
from netspaces.populations.missing import Logs, look, report
from netspaces.spaces.sampling import sample
from netspaces.training.keys import run_keys
from netspaces.workflow.jobs import job

with job(snakemake.log[0]):
    params, found = snakemake.params, []
    results, checksum = Path(params.results), cache(lambda dataset: load(results / dataset).checksum)
    logs = Logs(Path(params.logs), Path(params.slurm_logs))
    for name, of in params.populations.items():
        sampled = (of["definition"], of["regime"], of["seed"])
        drawn = sample(*sampled, range(of["n"]))
        dataset = checksum(of["dataset"])
        keys = dict(enumerate(run_keys(drawn, of["recipe"], of["training_seed"], dataset, params.digest)))
        jobs = {
            shard: share(*sampled, of["recipe"], params.device, indices, part)
            for shard, (indices, part) in params.shards[name].items()
        }
        found += look(name, jobs, keys, results / "runs", logs)
    lines = report(found)
print("\n".join(lines), flush=True)
