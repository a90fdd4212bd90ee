"""Decode the preset's second dataset, which may be the photographs, into the folder that training jobs map."""

from pathlib import Path

import netspaces.photographs  # noqa: F401 - adds a reader
from netspaces.jobs import job
from netspaces.preparation import prepare

with job(snakemake.log[0]):
    prepare(snakemake.params.settings, Path(snakemake.output.meta).parent, snakemake.threads)
