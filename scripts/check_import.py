"""Show what the declared imports would become; nothing is written."""

from netspaces.workflow.import_check import check_imports
from netspaces.workflow.jobs import job

with job(snakemake):
    text = check_imports(snakemake.params.imported)
print(text, flush=True)
