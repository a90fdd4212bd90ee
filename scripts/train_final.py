"""Train the selected network of a population once more, or find its record in the store."""

import json
from pathlib import Path

from netspaces.files import write_json
from netspaces.training.share import TrainingTask, selected_network, train_share
from netspaces.workflow.jobs import job

with job(snakemake):
    selected = json.loads(Path(snakemake.input.selected).read_text(encoding="utf-8"))
    network = selected_network(selected, snakemake.params.recipe)
    (trained,) = train_share(TrainingTask.of(snakemake, [network], snakemake.params.seed))
    write_json(snakemake.output[0], trained["record"])
