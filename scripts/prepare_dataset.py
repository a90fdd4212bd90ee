"""Decode a dataset of the preset into the folder that training jobs map."""

import sys
from pathlib import Path

from netspaces.data.preparation import prepare
from netspaces.workflow.jobs import job

with job(snakemake):
    for line in prepare(snakemake.params.settings, Path(snakemake.output.meta).parent, snakemake.threads):
        print(line)
        print(line, file=sys.__stdout__, flush=True)
