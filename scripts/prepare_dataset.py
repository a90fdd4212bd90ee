"""Decode a dataset of the preset into the folder that training jobs map."""

from pathlib import Path

from netspaces.data.preparation import prepare
from netspaces.workflow.jobs import job

with job(snakemake):
    prepare(snakemake.params.settings, Path(snakemake.output.meta).parent, snakemake.threads)
