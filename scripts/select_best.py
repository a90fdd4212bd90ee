"""Select the best network of a population: the one that is trained again with the recipe `final`."""

from netspaces.files.safe import write_json
from netspaces.populations.finals import select_best
from netspaces.populations.table import read_collected
from netspaces.workflow.jobs import job

with job(snakemake):
    selected = select_best(read_collected(snakemake.input[0]), snakemake.params.error, snakemake.params.sampled)
    write_json(snakemake.output[0], selected)
