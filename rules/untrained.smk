# Networks that nobody trains, and that stand for their design space beside those that are trained: the next ones of the
# same stream. Populations that share design space and regime share them. Their errors are predicted here for the tables
# of a run, and for a study of a user's own with its tables; a figure of its own populations predicts by itself.

from netspaces.workflow.predictions import predictions_of

PREDICTIONS = predictions_of(STUDY_RULES)


localrules:
    sample_untrained,


rule sample_untrained:
    input:
        unpack(limits_of),
    output:
        f"{RESULTS}/untrained/{{space}}-{{regime}}.parquet",
    log:
        f"{RESULTS}/logs/untrained/{{space}}-{{regime}}.log",
    wildcard_constraints:
        space="[A-Za-z0-9_]+",
        regime="[A-Za-z0-9_]+",
    priority: priority_of
    conda:
        "../envs/analysis.yaml"
    params:
        definition=lambda wildcards: population_of(wildcards).definition,
        regime=lambda wildcards: population_of(wildcards).regime,
        seed=lambda wildcards: population_of(wildcards).seed,
        first=lambda wildcards: population_of(wildcards).n,
        networks=config["statistics"]["untrained"],
        digest=digest_of("sample_untrained.py", entries_of_population),
    script:
        "../scripts/sample_untrained.py"


rule predict:
    input:
        populations=lambda wildcards: PREDICTIONS[wildcards.predictions].populations,
        untrained=lambda wildcards: sorted(set(PREDICTIONS[wildcards.predictions].untrained.values())),
    output:
        f"{RESULTS}/predictions/{{predictions}}.parquet",
    log:
        f"{RESULTS}/logs/predictions/{{predictions}}.log",
    wildcard_constraints:
        predictions="|".join(PREDICTIONS),
    priority: DRAWING
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        study=lambda wildcards: PREDICTIONS[wildcards.predictions].params,
        untrained=lambda wildcards: PREDICTIONS[wildcards.predictions].untrained,
        digest=digest_of("predict.py", lambda wildcards: PREDICTIONS[wildcards.predictions].used),
    script:
        "../scripts/predict.py"
