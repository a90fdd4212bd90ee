"""Train the selected network of a population once more, or find its record in the store."""

from netspaces.files.safe import write_json
from netspaces.populations.finals import read_selected
from netspaces.training.share import TrainingTask, selected_network, train_share
from netspaces.workflow.jobs import job
from netspaces.workflow.one_gpu import one_gpu

with job(snakemake), one_gpu(snakemake.params.device):
    selected = read_selected(snakemake.input.selected)
    network = selected_network(selected, snakemake.params.recipe)
    (trained,) = train_share(TrainingTask.of(snakemake, [network], snakemake.params.seed, "final"))
    write_json(snakemake.output[0], trained["record"])
