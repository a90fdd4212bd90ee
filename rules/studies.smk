# One rule per figure and table, named after the paper's number; what it makes is the registry's entry of the same name,
# or the one that the study names. The summaries are tables of all populations of the run.

for study in STUDY_RULES.values():

    rule:
        name:
            study.rule
        input:
            populations=PATHS.populations(study.populations),
            published=study.published,
            inputs=list(study.inputs.values()),
            untrained=list(dict.fromkeys(study.untrained.values())),
            predictions=[PATHS.predictions(study.predictions)] if study.predictions else [],
        output:
            report(study.files[0], caption=study.caption, category=study.category, labels=study.labels),
            study.files[1:],
        log:
            f"{RESULTS}/logs/{study.kind}s/{study.name}.log",
        priority: DRAWING
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            study=study.params,
            inputs=study.inputs,
            untrained=study.untrained,
            kind=study.kind,
            digest=digest_of(f"{study.kind}.py", study.used),
        script:
            "../scripts/{params.kind}.py"
