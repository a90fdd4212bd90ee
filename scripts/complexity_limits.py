"""Derive limits on complexity from the best networks of one population per regime."""

from netspaces.files.safe import write_json
from netspaces.populations.table import read_collected
from netspaces.statistics.flops_fits import complexity_limits
from netspaces.workflow.jobs import job

with job(snakemake):
    tables = [read_collected(path) for path in snakemake.input]
    limits = complexity_limits(tables, snakemake.params.error)
    print(f"{'; '.join(limits['constraints'])}: below {limits['multipliers']} times the fits to the best networks")
    write_json(snakemake.output[0], limits)
