"""Read a population that others have trained into the table that our own have."""

from netspaces.files import write_atomically
from netspaces.populations.importers import read_population
from netspaces.workflow.jobs import job

with job(snakemake.log[0]):
    table = read_population(snakemake.wildcards.imported, snakemake.params.declared)
    write_atomically(snakemake.output.parquet, lambda file: table.to_parquet(file, index=False))
    write_atomically(snakemake.output.csv, lambda file: table.to_csv(file, index=False))
