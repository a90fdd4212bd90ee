"""Read every file of the results that the workflow reads back, and say which are damaged."""

import sys

from netspaces.workflow.jobs import job
from netspaces.workflow.verify import verify

with job(snakemake):
    verification = verify(snakemake.params.results)
    print("\n".join([*verification.damaged, str(verification)]), file=sys.__stdout__, flush=True)
    if verification.damaged:
        raise ValueError(f"{len(verification.damaged)} files in {snakemake.params.results} are damaged, see above")
