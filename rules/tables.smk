# One rule per table, as for figures; the summaries speak of all populations of the run.

for study in [*TABLES, *SUMMARIES]:

    rule:
        name:
            study
        input:
            populations=populations_of(study),
            published=published_of(study),
            inputs=list(inputs_of(study).values()),
        output:
            report(
                f"{RESULTS}/tables/{study}.html",
                caption=caption_of(study),
                category="Tables",
                labels=labels_of(study),
            ),
            f"{RESULTS}/tables/{study}.csv",
            f"{RESULTS}/tables/{study}.md",
            f"{RESULTS}/tables/{study}.tex",
        log:
            f"{RESULTS}/logs/tables/{study}.log",
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            study=study_params(study),
            inputs=inputs_of(study),
            digest=analysis_digest(study),
        script:
            "../scripts/table.py"
