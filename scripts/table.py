"""Make one table from its population tables."""

from pathlib import Path

from netspaces.studies.study import load_study
from netspaces.tables.making import make_table
from netspaces.tables.style import save
from netspaces.workflow.jobs import job

with job(snakemake):
    tables = {Path(path).stem: path for path in snakemake.input.populations}
    given = (snakemake.input.published, snakemake.params.inputs, snakemake.params.untrained)
    study = load_study(snakemake.params.study, tables, *given, *snakemake.input.predictions)
    save(make_table(snakemake.params.study["module"], study), snakemake.output[0].removesuffix(".html"))
