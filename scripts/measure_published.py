"""Time the published models on the device at hand."""

from netspaces.files.tables import write_csv
from netspaces.published.times import measure_models, times_table
from netspaces.training.device import set_up_device
from netspaces.training.process import set_up_process
from netspaces.workflow.jobs import job
from netspaces.workflow.one_gpu import one_gpu

with job(snakemake), one_gpu(snakemake.params.device):
    set_up_process(snakemake.threads)
    params = snakemake.params
    set_up_device(params.device)
    table = times_table(measure_models(snakemake.input[0], params.device, params.limit))
    write_csv(snakemake.output[0], table)
