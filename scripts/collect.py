"""Gather a population's run records into one tidy table."""

from netspaces.populations.table import population_table, write_population
from netspaces.workflow.jobs import job

with job(snakemake):
    table = population_table(snakemake.wildcards.population, snakemake.input.records, snakemake.input.sampled)
    write_population(table, snakemake.output.parquet, snakemake.output.csv)
