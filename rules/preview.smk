# All figures and tables from the runs that are there now, while others are being trained: it has no input and waits for
# nothing. Beside a running workflow it needs --nolock; `make preview` says so.

from netspaces.workflow.predictions import predictions_of

PREVIEWED = {name: STUDY_RULES[name] for name in STUDY_RULES if name in [*CONFIGURATION.run_studies, *SUMMARIES]}


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
        predictions=lambda wildcards: {
            name: {"study": of.params, "untrained": of.untrained} for name, of in predictions_of(PREVIEWED).items()
        },
        studies=lambda wildcards: {
            name: {
                "study": rule.params,
                "published": rule.published,
                "inputs": rule.inputs,
                "untrained": rule.untrained,
                "predictions": rule.predictions,
            }
            for name, rule in PREVIEWED.items()
        },
    script:
        "../scripts/preview.py"
