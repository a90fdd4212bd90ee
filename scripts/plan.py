"""Print what a preset will cost, and write it as a table; nothing is trained."""

import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from netspaces.cost import Predictor
from netspaces.files import write_text
from netspaces.jobs import job
from netspaces.plan import csv_text, make, printed, run_names, runs_in

with job(snakemake.log[0]):
    params, results = snakemake.params, Path(snakemake.params.results)
    predictor = Predictor.of(snakemake.config, results)
    meta = results / "dataset" / "meta.json"
    checksum = json.loads(meta.read_text())["checksum"] if meta.exists() else ""
    keys = partial(run_names, checksum=checksum, digest=params.digest)
    sizes = (params.models_per_job, params.networks_at_once)
    populations = [SimpleNamespace(**population) for population in params.populations]
    rows = make(populations, predictor, *sizes, keys, runs_in(results / "runs"))
    write_text(results / "plan.csv", csv_text(rows))
    text = printed(rows, predictor, *sizes)
print(text, flush=True)
