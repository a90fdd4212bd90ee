"""Say what a training job finds on its node; fails with one line if it could not train there."""

import sys

from netspaces.files.safe import read_json
from netspaces.workflow.cluster_check import complaint, dataset_lines, lines
from netspaces.workflow.jobs import job

with job(snakemake):
    report = read_json(snakemake.input[0], "what a node has")
    shown = [*lines(report), *dataset_lines(snakemake.params.datasets)]
    print("\n".join(shown), file=sys.__stdout__, flush=True)
    if wrong := complaint(report, snakemake.params.device):
        raise ValueError(wrong)
