# From declared design spaces to the figures of "Designing Network Design Spaces" (arXiv 2003.13678).
# The map of the workflow: configuration, then the rules in the order in which data flows.

from snakemake.utils import min_version

min_version("9.19")


report: "report/story.rst"


include: "rules/common.smk"
include: "rules/dataset.smk"
include: "rules/sample.smk"
include: "rules/train.smk"
include: "rules/store.smk"
include: "rules/collect.smk"
include: "rules/import.smk"
include: "rules/measure.smk"
include: "rules/finals.smk"
include: "rules/published.smk"
include: "rules/tables.smk"
include: "rules/figures.smk"
include: "rules/plan.smk"
include: "rules/preview.smk"
include: "rules/cluster.smk"


rule all:
    default_target: True
    input:
        figure_files(run_studies(STUDIES)),
        table_files([*run_studies(STUDIES), *SUMMARIES]),
        population_files(),


# A chapter's name makes its studies alone, without the summaries of the run
for chapter, studies in CONFIGURATION.chapters.items():

    rule:
        name:
            chapter
        input:
            figure_files(studies),
            table_files(studies),


onsuccess:
    if "all" in {job.rule.name for job in workflow.dag.jobs}:
        say(f"done: figures in {RESULTS}/figures, tables in {RESULTS}/tables, populations in {RESULTS}/populations")


onerror:
    say("some jobs failed (above); what finished is kept, and the same command again does only the rest")
