"""Measure the zero-cost proxies of a population's networks, as they are before their training."""

from netspaces.files.tables import write_csv
from netspaces.spaces.limits import definition_with_limits
from netspaces.training.proxies import measure_proxies
from netspaces.training.share import sampled_networks
from netspaces.workflow.jobs import job
from netspaces.workflow.one_gpu import one_gpu

with job(snakemake), one_gpu(snakemake.params.device):
    given, dataset = snakemake.params, snakemake.input.dataset
    definition = definition_with_limits(given.definition, snakemake.input.get("limits"))
    networks = sampled_networks(definition, given.regime, given.seed, range(given.n), given.recipe)
    table = measure_proxies(networks, given.training_seed, dataset, given.device, snakemake.threads)
    write_csv(snakemake.output[0], table, "%.6g")
