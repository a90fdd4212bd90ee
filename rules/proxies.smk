# Zero-cost proxies: numbers of a population's networks with their initial weights, before any training.


rule measure_proxies:
    input:
        unpack(limits_of),
        dataset=lambda wildcards: f"{RESULTS}/{population_of(wildcards).dataset}/meta.json",
    output:
        f"{RESULTS}/proxies/{{population}}.csv",
    log:
        f"{RESULTS}/logs/proxies/{{population}}.log",
    conda:
        "../envs/train.yaml"
    threads: cores_of(config["threads_per_network"])
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(60),
        gpu=GPUS,
    params:
        definition=lambda wildcards: population_of(wildcards).definition,
        regime=lambda wildcards: population_of(wildcards).regime,
        recipe=lambda wildcards: population_of(wildcards).recipe,
        seed=lambda wildcards: population_of(wildcards).seed,
        training_seed=lambda wildcards: population_of(wildcards).training_seed,
        n=lambda wildcards: population_of(wildcards).n,
        device=config["device"],
        digest=digest_of("measure_proxies.py", entries_of_population),
    script:
        "../scripts/measure_proxies.py"
