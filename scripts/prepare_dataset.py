"""Decode the preset's dataset into the folder that training jobs map."""

from pathlib import Path

from netspaces.datasets import prepare
from netspaces.jobs import job

with job(snakemake.log[0]):
    prepare(snakemake.params.settings, Path(snakemake.output.meta).parent)
