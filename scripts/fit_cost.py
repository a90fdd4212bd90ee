"""Fit what a unit of work costs on this machine to the runs of the store, for later plans."""

from dataclasses import asdict

from netspaces.cost.fitting import fit_store
from netspaces.files.safe import write_json
from netspaces.workflow.jobs import job

with job(snakemake):
    params = snakemake.params
    fitted = fit_store(params.store, snakemake.input[0], snakemake.config["dataset"], params.device)
    write_json(snakemake.output[0], asdict(fitted))
