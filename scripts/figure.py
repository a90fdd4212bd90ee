"""Draw one figure from its population tables."""

from pathlib import Path

from netspaces.figures import FIGURES
from netspaces.figures.drawing import save
from netspaces.studies.study import explained, load_study
from netspaces.workflow.jobs import job

with job(snakemake):
    tables = {Path(path).stem: path for path in snakemake.input.populations}
    given = (snakemake.input.published, snakemake.params.inputs, snakemake.params.untrained)
    study = load_study(snakemake.params.study, tables, *given, *snakemake.input.predictions)
    module = snakemake.params.study["module"]
    drawing = explained(FIGURES[module], study, FIGURES.literal(module, "WANTS"))
    save(drawing, snakemake.output[0].removesuffix(".svg"))
