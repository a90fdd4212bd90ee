"""Make what the interactive pages draw with."""

from netspaces.explorer.charts import compiled
from netspaces.files.safe import write_json
from netspaces.workflow.jobs import job

with job(snakemake):
    write_json(snakemake.output[0], compiled())
