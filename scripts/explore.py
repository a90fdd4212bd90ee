"""Write the page to explore some populations."""

from pathlib import Path

from netspaces.explorer.content import page_content
from netspaces.explorer.page import read_charts, write_page
from netspaces.workflow.jobs import job

with job(snakemake):
    tables = {Path(path).stem: path for path in snakemake.input.populations}
    content = page_content(snakemake.params.page, tables, snakemake.params.store)
    write_page(content, read_charts(snakemake.input.charts), snakemake.output[0])
