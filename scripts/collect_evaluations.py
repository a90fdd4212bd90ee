"""Gather the evaluated models into a table; it has no rows where nothing was configured."""

from netspaces.files.tables import write_csv
from netspaces.studies.models import evaluation_table
from netspaces.workflow.jobs import job

with job(snakemake):
    table = evaluation_table(snakemake.input, snakemake.params.level)
    write_csv(snakemake.output[0], table, float_format="%.10g")
