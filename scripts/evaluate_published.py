"""Evaluate torchvision's weights of one published model."""

from netspaces.files.safe import write_json
from netspaces.published.evaluation import evaluate_model
from netspaces.training.process import set_up_process
from netspaces.workflow.jobs import job
from netspaces.workflow.one_gpu import one_gpu

with job(snakemake), one_gpu(snakemake.params.device):
    set_up_process(snakemake.threads)
    params = snakemake.params
    workers = snakemake.threads if params.device == "cuda" else 0  # on a CPU the network needs the cores
    result = evaluate_model(snakemake.wildcards.model, params.settings, snakemake.input[0], params.device, workers)
    write_json(snakemake.output[0], result)
