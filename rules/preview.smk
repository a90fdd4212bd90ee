# All figures and tables from the runs that are there now, while others are being trained: it has no input and waits for
# nothing. Beside a running workflow it needs --nolock; `make preview` says so.


localrules:
    preview,


rule preview:
    log:
        f"{RESULTS}/logs/preview.log",
    conda:
        "../envs/preview.yaml"
    params:
        results=RESULTS,
        populations=lambda wildcards: run_populations(CONFIGURATION, PATHS.limits_if_there),
        imported=run_imported(CONFIGURATION),
        explore=PAGES[""].params,
        studies=lambda wildcards: {
            name: {
                "study": rule.params,
                "published": rule.published,
                "inputs": rule.inputs,
                "untrained": rule.untrained,
            }
            for name, rule in STUDY_RULES.items()
            if name in [*CONFIGURATION.run_studies, *SUMMARIES]
        },
    script:
        "../scripts/preview.py"
