"""Time every network of a sampled population on the device at hand, perhaps in several settings."""

from netspaces.files.tables import write_csv
from netspaces.populations.table import read_sampled
from netspaces.published.sampled_times import devices_of, measure_population
from netspaces.workflow.jobs import job
from netspaces.workflow.one_gpu import one_gpu

with job(snakemake), one_gpu(*devices_of(snakemake.params.device, snakemake.params.timing)):
    params = snakemake.params
    sampled = read_sampled(snakemake.input[0])
    table = measure_population(sampled, params.channels, params.classes, params.device, params.timing)
    write_csv(snakemake.output[0], table, float_format="%.5g")
