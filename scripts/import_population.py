"""Read a population that others have trained into the table that our own have."""

from netspaces.populations.imported import read_population
from netspaces.populations.table import write_population
from netspaces.workflow.jobs import job

with job(snakemake):
    table = read_population(snakemake.wildcards.imported, snakemake.params.declared)
    write_population(table, snakemake.output.parquet, snakemake.output.csv)
