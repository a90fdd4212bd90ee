# One rule per figure, named after the paper's number; the figure's module is scripts/netspaces/figures/<rule>.py.

for study in FIGURES:

    rule:
        name:
            study
        input:
            populations=populations_of(study),
            published=published_of(study),
            inputs=list(inputs_of(study).values()),
        output:
            report(
                f"{RESULTS}/figures/{study}.svg",
                caption=caption_of(study),
                category="Figures",
                labels=labels_of(study),
            ),
            f"{RESULTS}/figures/{study}.pdf",
            f"{RESULTS}/figures/{study}.png",
            f"{RESULTS}/figures/{study}.csv",
        log:
            f"{RESULTS}/logs/figures/{study}.log",
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            study=study_params(study),
            inputs=inputs_of(study),
            digest=analysis_digest(study),
        script:
            "../scripts/figure.py"
