"""Gather the evaluated models into a table; it has no rows where nothing was configured."""

from netspaces.files import write_text
from netspaces.studies.models import evaluation_table
from netspaces.workflow.jobs import job

with job(snakemake):
    table = evaluation_table(snakemake.input, snakemake.params.level)
    write_text(snakemake.output[0], table.to_csv(index=False, float_format="%.10g", lineterminator="\n"))
