"""Train the networks of one job, or find their records in the store, and write what they are."""

from netspaces.cost.memory import task_of
from netspaces.cost.sharing import share
from netspaces.files.safe import write_json
from netspaces.spaces.limits import definition_with_limits
from netspaces.training.share import sampled_networks, train_share
from netspaces.workflow.jobs import job
from netspaces.workflow.one_gpu import one_gpu

with job(snakemake), one_gpu(snakemake.params.device):
    given, limits = snakemake.params, snakemake.input.get("limits")
    population = (definition_with_limits(given.definition, limits), given.regime, given.seed)
    indices = share(*population, given.recipe, given.device, given.indices, given.part)
    task = task_of(snakemake, sampled_networks(*population, indices, given.recipe), given.training_seed)
    write_json(snakemake.output[0], {"population": snakemake.wildcards.population, "networks": train_share(task)})
