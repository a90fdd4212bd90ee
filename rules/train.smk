# One job trains one network (or, with models_per_job, a few, networks_at_once of them at a time). A job depends on the dataset and on its
# params only, so that growing a population trains only the new networks; a run found in the store is not trained again.


def at_once(wildcards):
    """How many networks of a job train at the same time."""
    return min(config["networks_at_once"], len(SHARDS[wildcards.population][wildcards.shard]))


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
    threads: lambda wildcards: at_once(wildcards) * config["threads_per_network"]
    resources:
        mem_mb=lambda wildcards, attempt: 1500 * attempt * at_once(wildcards),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        definition=lambda wildcards: population_of(wildcards).definition,
        regime=lambda wildcards: population_of(wildcards).regime,
        recipe=lambda wildcards: population_of(wildcards).recipe,
        seed=lambda wildcards: population_of(wildcards).seed,
        training_seed=lambda wildcards: population_of(wildcards).training_seed,
        indices=lambda wildcards: SHARDS[wildcards.population][wildcards.shard],
        store=f"{RESULTS}/runs",
        device=config["device"],
        sampling=DIGESTS["sampling"],
        digest=DIGESTS["training"],
    script:
        "../scripts/train.py"
