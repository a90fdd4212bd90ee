"""Decode a dataset of the preset into the folder that training jobs map."""

from pathlib import Path

from netspaces.jobs import job
from netspaces.preparation import prepare

with job(snakemake.log[0]):
    prepare(snakemake.params.settings, Path(snakemake.output.meta).parent, snakemake.threads)
