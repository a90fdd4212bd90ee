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
    threads: CORES
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(60),
        gpu=GPUS,
    params:
        channels=config["dataset"]["channels"],
        classes=config["dataset"]["classes"],
        device=config["device"],
        timing={key: value for key, value in config["timing"].items() if key != "settings"},
        digest=digest_of("measure_times.py", entries_of_population),
    script:
        "../scripts/measure_times.py"


use rule measure_times as measure_settings with:
    output:
        f"{RESULTS}/times_by_setting/{{population}}.csv",
    log:
        f"{RESULTS}/logs/times_by_setting/{{population}}.log",
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(240),
        gpu=GPUS,
    params:
        timing=config["timing"],


if CONFIGURATION.limit_populations:

    rule complexity_limits:
        input:
            PATHS.populations(CONFIGURATION.limit_populations),
        output:
            PATHS.limits,
        log:
            f"{RESULTS}/logs/complexity_limits.log",
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            error=config["statistics"]["error"],
            digest=digest_of("complexity_limits.py"),
        script:
            "../scripts/complexity_limits.py"
