"""Gather a population's run records into one tidy table."""

from netspaces.populations.strata import with_strata
from netspaces.populations.table import population_table, write_population
from netspaces.workflow.jobs import job

with job(snakemake):
    records, sampled = snakemake.input.records, snakemake.input.sampled
    table = population_table(snakemake.wildcards.population, records, sampled, snakemake.params.store)
    table = with_strata(table, snakemake.params.population.get("strata", ()))
    write_population(table, snakemake.output.parquet, snakemake.output.csv)
