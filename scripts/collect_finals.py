"""Gather the repetitions of one selected network into a row."""

from netspaces.files.tables import write_csv
from netspaces.populations.finals import finals_table, kept_weights, read_final, read_selected
from netspaces.workflow.jobs import job

with job(snakemake):
    selected = read_selected(snakemake.input.selected)
    records = {path: read_final(path, snakemake.params.store) for path in snakemake.input.records}
    weights = kept_weights(records.values(), snakemake.params.store)
    table = finals_table(selected, records, snakemake.params.level, weights)
    write_csv(snakemake.output[0], table, float_format="%.10g")
