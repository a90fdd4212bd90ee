"""Write what a training job finds on its node."""

from netspaces.files.safe import write_json
from netspaces.workflow.cluster_check import inspect
from netspaces.workflow.jobs import job

with job(snakemake):
    write_json(snakemake.output[0], inspect(snakemake.params.folders))
