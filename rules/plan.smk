# What a preset will cost. Nothing here is trained: plan samples the populations and looks into the store; fit_cost learns
# from the runs that are there what later plans, and the wall times of training jobs, rest on.

from netspaces.workflow.params import trained_populations


localrules:
    fit_cost,
    plan,


rule plan:
    log:
        f"{RESULTS}/logs/plan.log",
    conda:
        "../envs/train.yaml"
    params:
        populations=lambda wildcards: trained_populations(CONFIGURATION, PATHS.limits_if_there),
        gpus=gpus_at_once(workflow),
        results=RESULTS,
        finals=CONFIGURATION.final_populations,
    script:
        "../scripts/plan.py"


rule fit_cost:
    input:
        f"{RESULTS}/dataset/meta.json",
    output:
        f"{RESULTS}/cost.json",
    log:
        f"{RESULTS}/logs/fit_cost.log",
    conda:
        "../envs/analysis.yaml"
    params:
        store=f"{RESULTS}/runs",
        runs=lambda wildcards: len(list(Path(RESULTS, "runs").glob("*.json"))),  # more of them: fit again
        device=config["device"],
        digest=digest_of("fit_cost.py", {"reader": [config["dataset"]["name"]]}),
    script:
        "../scripts/fit_cost.py"
