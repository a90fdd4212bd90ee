"""Decode a dataset of the preset into the folder that training jobs map."""

import sys
from pathlib import Path

from netspaces.data.preparation import prepare
from netspaces.workflow.jobs import job

with job(snakemake):
    given, folder = snakemake.params, Path(snakemake.output[0]).parent
    for line in prepare(given.settings, folder, snakemake.threads, given.digest):
        print(line)
        print(line, file=sys.__stdout__, flush=True)
