"""Make one table from its population tables."""

from importlib import import_module
from pathlib import Path

from netspaces.jobs import job
from netspaces.studies import explained, load_study
from netspaces.tables.style import save

with job(snakemake.log[0]):
    tables = {Path(path).stem: path for path in snakemake.input.populations}
    study = load_study(snakemake.params.study, tables, snakemake.input.published, snakemake.params.inputs)
    module = import_module(f"netspaces.{snakemake.params.study['module']}")
    save(explained(module.make, study), snakemake.output[0].removesuffix(".html"))
