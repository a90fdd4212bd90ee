"""Draw all studies from the runs that the store has now."""

import sys

from netspaces.workflow.jobs import job
from netspaces.workflow.preview import preview

with job(snakemake):
    params = snakemake.params
    told = (params.populations, params.imported, params.studies, params.explore, params.predictions)
    overview = preview(params.results, *told)
    for row in overview[overview["drawn"] != "yes"].to_dict("records"):
        print(f"{row['study']}: {row['drawn']}", file=sys.__stderr__)
    drawn = int(overview["drawn"].str.startswith("yes").sum())
    print(f"preview: {drawn} of {len(overview)} studies drawn, see {params.results}/preview", file=sys.__stderr__)
