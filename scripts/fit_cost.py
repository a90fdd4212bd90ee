"""Fit what a unit of work costs on this machine to the runs of the store, for later plans."""

from dataclasses import asdict
from pathlib import Path

from netspaces.cost.fitting import fit
from netspaces.data.datasets import load
from netspaces.data.image_counts import count_images
from netspaces.files import write_json
from netspaces.training.records import read_record
from netspaces.workflow.jobs import job

with job(snakemake):
    checksum = load(Path(snakemake.input[0]).parent).checksum
    records = map(read_record, sorted(Path(snakemake.params.store).glob("*.json")))
    images = count_images(snakemake.config["dataset"], snakemake.input[0])
    runs = (record for record in records if record["dataset"] == checksum)
    write_json(snakemake.output[0], asdict(fit(runs, images, snakemake.params.device)))
