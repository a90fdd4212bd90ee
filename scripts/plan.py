"""Print what a preset will cost, and write it as a table; nothing is trained."""

from netspaces.files.safe import write_text
from netspaces.workflow.jobs import job
from netspaces.workflow.plan import plan_preset

with job(snakemake):
    params = snakemake.params
    plan = plan_preset(params.populations, snakemake.config, params.results, params.gpus, params.finals)
    write_text(f"{params.results}/plan.csv", plan.csv)
print(plan.text, flush=True)
