"""Predict the errors of trained and untrained networks for several figures and tables."""

from pathlib import Path

from netspaces.files.tables import write_parquet
from netspaces.studies.regression import predictions_of
from netspaces.studies.study import load_study
from netspaces.workflow.jobs import job

with job(snakemake):
    tables = {Path(path).stem: path for path in snakemake.input.populations}
    study = load_study(snakemake.params.study, tables, untrained=snakemake.params.untrained)
    write_parquet(snakemake.output[0], predictions_of(study))
