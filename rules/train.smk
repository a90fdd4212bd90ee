# One job trains one network (or, with models_per_job, its share of a block of them, networks_at_once at a time). A job
# depends on the dataset and on its params only, so that growing a population trains only the new networks; a run found in
# the store is not trained again.


rule train:
    input:
        unpack(limits_of),
        dataset=lambda wildcards: f"{RESULTS}/{population_of(wildcards).dataset}/meta.json",
        acceptance=f"{RESULTS}/acceptance/{{population}}.json",  # not ancient: the engine would skip what is missing
    output:
        f"{RESULTS}/trained/{{population}}/{{shard}}.json",
    log:
        f"{RESULTS}/logs/train/{{population}}/{{shard}}.log",
    priority: priority_of
    conda:
        "../envs/train.yaml"
    threads: lambda wildcards: cores_of(DEMANDS.cores(wildcards.population, wildcards.shard))
    resources:
        mem_mb=lambda wildcards, attempt: DEMANDS.of_job(wildcards.population, wildcards.shard).mem_mb * attempt,
        runtime=lambda wildcards, attempt: DEMANDS.of_job(wildcards.population, wildcards.shard).minutes * attempt,
        gpu=GPUS,
    params:
        definition=lambda wildcards: population_of(wildcards).definition,
        regime=lambda wildcards: population_of(wildcards).regime,
        recipe=lambda wildcards: population_of(wildcards).recipe,
        seed=lambda wildcards: population_of(wildcards).seed,
        training_seed=lambda wildcards: population_of(wildcards).training_seed,
        indices=lambda wildcards: list(shard_of(wildcards).indices),
        part=lambda wildcards: (shard_of(wildcards).number, shard_of(wildcards).jobs),
        store=f"{RESULTS}/runs",
        device=config["device"],
        # One value: the engine compares the values of params as a set, in which two equal numbers are one
        versions={"sampling": SAMPLING_VERSION, "training": TRAINING_VERSION, "record": RECORD_VERSION},
        dealing=dealing_of,
        plugins=lambda wildcards: plugins_of(population_of(wildcards).definition, population_of(wildcards).recipe),
    script:
        "../scripts/train.py"
