"""Propose a preset for a folder of images, write it, and say what was chosen."""

from netspaces.workflow.jobs import job
from netspaces.workflow.new_preset import new_preset

with job(snakemake):
    text = new_preset(snakemake.params.settings, snakemake.params.folder)
print(text, flush=True)
