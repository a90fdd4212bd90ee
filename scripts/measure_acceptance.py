"""Draw a population's first networks and write what that took; fails with one line if the space is impossible."""

from netspaces.files.safe import write_json
from netspaces.spaces.acceptance import measure_acceptance
from netspaces.spaces.limits import definition_with_limits
from netspaces.workflow.jobs import job

with job(snakemake):
    params = snakemake.params
    definition = definition_with_limits(params.definition, snakemake.input.get("limits"))
    population = snakemake.wildcards.population
    write_json(snakemake.output[0], measure_acceptance(population, definition, params.regime, params.seed))
