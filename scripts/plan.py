"""Print what a preset will cost, and write it as a table; nothing is trained."""

import json
from pathlib import Path

from netspaces.cost.prediction import Predictor
from netspaces.files import write_text
from netspaces.workflow.jobs import job
from netspaces.workflow.plan import csv_text, make, printed, run_names, runs_in

with job(snakemake):
    params, results = snakemake.params, Path(snakemake.params.results)
    metas = {dataset: results / dataset / "meta.json" for dataset in params.datasets}
    checksums = {key: json.loads(meta.read_text())["checksum"] if meta.exists() else key for key, meta in metas.items()}
    predictors = {dataset: Predictor.of(snakemake.config, results, dataset) for dataset in metas}
    keys = lambda population, known: run_names(population, known, checksums[population.dataset])
    sizes = (params.models_per_job, params.networks_at_once)
    rows = make(params.populations.values(), predictors, *sizes, keys, runs_in(results / "runs"))
    write_text(results / "plan.csv", csv_text(rows))
    text = printed(rows, predictors, *sizes)
print(text, flush=True)
