# One job trains one network (or, with models_per_job, a few one after another). A job depends on the dataset and on its
# params only, so that growing a population trains only the new networks; a run found in the store is not trained again.


rule train:
    input:
        dataset=f"{RESULTS}/dataset/meta.json",
        acceptance=f"{RESULTS}/acceptance/{{population}}.json",
    output:
        f"{RESULTS}/trained/{{population}}/{{shard}}.json",
    log:
        f"{RESULTS}/logs/train/{{population}}/{{shard}}.log",
    conda:
        "../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1500 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
        gpu=GPUS,
    params:
        definition=lambda wildcards: population_of(wildcards).definition,
        regime=lambda wildcards: population_of(wildcards).regime,
        recipe=lambda wildcards: population_of(wildcards).recipe,
        seed=lambda wildcards: population_of(wildcards).seed,
        indices=lambda wildcards: SHARDS[wildcards.population][wildcards.shard],
        store=f"{RESULTS}/runs",
        device=config["device"],
        sampling=DIGESTS["sampling"],
        digest=DIGESTS["training"],
    script:
        "../scripts/train.py"
