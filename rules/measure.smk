# What is measured beside errors, and what follows from it: times of sampled networks, limits on complexity.


rule measure_times:
    input:
        f"{RESULTS}/sampled/{{population}}.csv",
    output:
        f"{RESULTS}/times/{{population}}.csv",
    log:
        f"{RESULTS}/logs/times/{{population}}.log",
    conda:
        "../envs/train.yaml"
    threads: all_cores()
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
        gpu=GPUS,
    params:
        channels=config["dataset"]["channels"],
        classes=config["dataset"]["classes"],
        device=config["device"],
        timing={key: value for key, value in config["timing"].items() if key != "settings"},
        digest=DIGESTS["timing"],
    script:
        "../scripts/measure_times.py"


rule measure_settings:
    input:
        f"{RESULTS}/sampled/{{population}}.csv",
    output:
        f"{RESULTS}/times_by_setting/{{population}}.csv",
    log:
        f"{RESULTS}/logs/times_by_setting/{{population}}.log",
    conda:
        "../envs/train.yaml"
    threads: all_cores()
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 240 * attempt,
        gpu=GPUS,
    params:
        channels=config["dataset"]["channels"],
        classes=config["dataset"]["classes"],
        device=config["device"],
        timing=config["timing"],
        digest=DIGESTS["timing"],
    script:
        "../scripts/measure_settings.py"


if CONFIGURATION.limit_populations:

    rule complexity_limits:
        input:
            expand(f"{RESULTS}/populations/{{population}}.parquet", population=CONFIGURATION.limit_populations),
        output:
            f"{RESULTS}/limits.json",
        log:
            f"{RESULTS}/logs/complexity_limits.log",
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            error=config["statistics"]["error"],
            digest=DIGESTS["limits"],
        script:
            "../scripts/complexity_limits.py"
