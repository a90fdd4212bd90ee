"""Make one table from its population tables."""

from pathlib import Path

from netspaces.studies.study import explained, load_study
from netspaces.tables import TABLES
from netspaces.tables.style import save
from netspaces.workflow.jobs import job

with job(snakemake):
    tables = {Path(path).stem: path for path in snakemake.input.populations}
    given = (snakemake.input.published, snakemake.params.inputs, snakemake.params.untrained)
    study = load_study(snakemake.params.study, tables, *given, *snakemake.input.predictions)
    module = snakemake.params.study["module"]
    table = explained(TABLES[module], study, TABLES.literal(module, "WANTS"))
    save(table, snakemake.output[0].removesuffix(".html"))
