# Top models (paper section 5): the best network of a population, trained again some times with the recipe `final`. Which
# populations that is, studies say with `finals: true`. Nothing depends on which network is the best but the contents of
# files, so all jobs are known before anything runs.


localrules:
    select_best,
    collect_finals,


rule select_best:
    input:
        f"{RESULTS}/populations/{{population}}.parquet",
    output:
        f"{RESULTS}/selected/{{population}}.json",
    log:
        f"{RESULTS}/logs/select_best/{{population}}.log",
    conda:
        "../envs/analysis.yaml"
    params:
        error=config["statistics"]["error"],
        sampled=lambda wildcards: list(population_of(wildcards).definition.get("recipe", {})),
        digest=digest_of("select_best.py", entries_of_population),
    script:
        "../scripts/select_best.py"


rule train_final:
    input:
        dataset=lambda wildcards: f"{RESULTS}/{population_of(wildcards).dataset}/meta.json",
        selected=f"{RESULTS}/selected/{{population}}.json",
    output:
        f"{RESULTS}/finals/{{population}}/{{repeat}}.json",
    log:
        f"{RESULTS}/logs/train_final/{{population}}/{{repeat}}.log",
    wildcard_constraints:
        repeat=r"\d+",
    conda:
        "../envs/train.yaml"
    threads: lambda wildcards: cores_of(config["threads_per_network"])
    resources:
        mem_mb=lambda wildcards, attempt: DEMANDS.of_final(wildcards.population).mem_mb * attempt,
        runtime=lambda wildcards, attempt: DEMANDS.of_final(wildcards.population).minutes * attempt,
        gpu=GPUS,
    params:
        recipe=config["recipes"].get("final", {}),
        seed=lambda wildcards: config["seed"] + int(wildcards.repeat),
        store=f"{RESULTS}/runs",
        device=config["device"],
        versions={"training": TRAINING_VERSION, "record": RECORD_VERSION},  # as in train
        plugins=lambda wildcards: plugins_of(population_of(wildcards).definition, config["recipes"].get("final", {})),
    script:
        "../scripts/train_final.py"


rule collect_finals:
    input:
        selected=f"{RESULTS}/selected/{{population}}.json",
        records=expand(
            f"{RESULTS}/finals/{{{{population}}}}/{{repeat}}.json",
            repeat=range(config["final_repetitions"]),
        ),
    output:
        f"{RESULTS}/finals/{{population}}.csv",
    log:
        f"{RESULTS}/logs/collect_finals/{{population}}.log",
    conda:
        "../envs/analysis.yaml"
    params:
        level=config["statistics"]["level"],
        store=f"{RESULTS}/runs",
        digest=digest_of("collect_finals.py", entries_of_population),
    script:
        "../scripts/collect_finals.py"
