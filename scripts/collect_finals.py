"""Gather the repetitions of one selected network into a row."""

import json
from pathlib import Path

from netspaces.files import write_text
from netspaces.populations.finals import finals_table, read_final
from netspaces.workflow.jobs import job

with job(snakemake):
    selected = json.loads(Path(snakemake.input.selected).read_text(encoding="utf-8"))
    records = {path: read_final(path) for path in snakemake.input.records}
    table = finals_table(selected, records, snakemake.params.level)
    write_text(snakemake.output[0], table.to_csv(index=False, float_format="%.10g", lineterminator="\n"))
