"""Draw a population's first networks and write what that took; fails with one line if the space is impossible."""

from netspaces.files import write_json
from netspaces.spaces.limits import definition_with_limits
from netspaces.spaces.sampling import sample
from netspaces.workflow.jobs import job

NETWORKS = 16  # whatever the population's size, so that growing it changes nothing here

with job(snakemake):
    definition = definition_with_limits(snakemake.params.definition, snakemake.input.get("limits"))
    drawn = sample(definition, snakemake.params.regime, snakemake.params.seed, range(NETWORKS))
    draws = int(drawn.draws.sum())
    write_json(
        snakemake.output[0],
        {"networks": NETWORKS, "draws": draws, "acceptance": NETWORKS / draws, "rejections": drawn.rejections},
    )
