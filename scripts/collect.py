"""Gather a population's run records into one tidy table."""

from netspaces.files import write_atomically
from netspaces.populations.table import population_table
from netspaces.workflow.jobs import job

with job(snakemake.log[0]):
    table = population_table(snakemake.wildcards.population, snakemake.input.records, snakemake.input.sampled)
    write_atomically(snakemake.output.parquet, lambda file: table.to_parquet(file, index=False))
    write_atomically(snakemake.output.csv, lambda file: table.to_csv(file, index=False))
