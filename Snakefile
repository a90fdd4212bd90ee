# From declared design spaces to the figures of "Designing Network Design Spaces" (arXiv 2003.13678).
# The map of the workflow: configuration, then the rules in the order in which data flows.

from snakemake.utils import min_version

min_version("9.27")  # the first that all of this has run with; the tests run with the pinned one


report: "report/story.rst"


include: "rules/common.smk"
include: "rules/preset.smk"
include: "rules/dataset.smk"
include: "rules/sample.smk"
include: "rules/untrained.smk"
include: "rules/train.smk"
include: "rules/store.smk"
include: "rules/collect.smk"
include: "rules/import.smk"
include: "rules/measure.smk"
include: "rules/proxies.smk"
include: "rules/finals.smk"
include: "rules/published.smk"
include: "rules/studies.smk"
include: "rules/explore.smk"
include: "rules/bundle.smk"
include: "rules/plan.smk"
include: "rules/preview.smk"
include: "rules/cluster.smk"
include: "rules/verify.smk"


rule all:
    default_target: True
    input:
        files_of(CONFIGURATION.run_studies, STUDY_RULES),
        files_of(SUMMARIES, STUDY_RULES),
        pages_of(["", *CONFIGURATION.run_studies], PAGES),
        PATHS.populations(CONFIGURATION.run_populations, ["parquet", "csv"]),


# A chapter's name makes its studies alone, without the summaries of the run; that of a study of one's own its tables too
for target, files in targets_of(CONFIGURATION, STUDY_RULES, lambda studies: pages_of(studies, PAGES)).items():

    rule:
        name:
            target
        input:
            files,


onstart:
    before_jobs(workflow, CONFIGURATION, PATHS, MADE_WITH)


onsuccess:
    after_jobs(workflow, CONFIGURATION, PATHS)
    say_done(workflow.dag, say)


onerror:
    restore(workflow.dag.jobs, workflow.persistence)
    say(
        "some jobs failed or were stopped (above); what finished is kept, the same command again does only the rest"
    )
