"""Pack the results of a run for other people."""

from pathlib import Path

from netspaces.bundles.contents import Results, write_bundle
from netspaces.workflow.jobs import job

with job(snakemake):
    given = {name: [Path(file) for file in snakemake.input[name]] for name in ("populations", "files", "environment")}
    folder, dictionary = Path(snakemake.params.results), Path(snakemake.input.dictionary)
    results = Results(folder=folder, own=snakemake.params.own, dictionary=dictionary, **given)
    said = write_bundle(snakemake.output[0], results, snakemake.params.told)
print(said, flush=True)
