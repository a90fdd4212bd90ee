"""Say what a training job finds on its node; fails with one line if it could not train there."""

import json
import sys
from pathlib import Path

from netspaces.workflow.cluster_check import complaint, lines
from netspaces.workflow.jobs import job

with job(snakemake):
    report = json.loads(Path(snakemake.input[0]).read_text(encoding="utf-8"))
    print("\n".join(lines(report)), file=sys.__stdout__, flush=True)
    if wrong := complaint(report, snakemake.params.device):
        raise ValueError(wrong)
