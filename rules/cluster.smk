# Questions about a run on a cluster, none of them part of it: what will a training job find on its node, and what is
# missing and why.

import time

from netspaces.workflow.params import trained_populations


localrules:
    check_cluster,
    failures,


rule visit_node:
    output:
        f"{RESULTS}/cluster/node.json",
    log:
        f"{RESULTS}/logs/visit_node.log",
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=4000,
        runtime=10,
        gpu=GPUS,
    params:
        folders={"results": RESULTS}
        | {key: config[key].get("folder") or config[key].get("file") or f"{RESULTS}/{key}" for key in DATASETS},
        asked=time.time(),  # never up to date
    script:
        "../scripts/visit_node.py"


rule check_cluster:
    input:
        rules.visit_node.output,
    log:
        f"{RESULTS}/logs/check_cluster.log",
    retries: 0
    conda:
        "../envs/analysis.yaml"
    params:
        device=config["device"],
        datasets=[PATHS.meta(key) for key in DATASETS],
    script:
        "../scripts/check_cluster.py"


rule failures:
    log:
        f"{RESULTS}/logs/failures.log",
    retries: 0
    conda:
        "../envs/train.yaml"
    params:
        populations=lambda wildcards: trained_populations(CONFIGURATION, PATHS.limits_if_there),
        shards=SHARDS,
        device=config["device"],
        results=RESULTS,
        logs=f"{RESULTS}/logs/train",
        slurm_logs=".snakemake/slurm_logs/rule_train",
    script:
        "../scripts/failures.py"
