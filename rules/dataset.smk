# The preset's datasets, decoded once, each into a folder that training jobs map read-only.


rule prepare_dataset:
    output:
        prepared_files("dataset"),
        meta=f"{RESULTS}/dataset/meta.json",
    log:
        f"{RESULTS}/logs/prepare_dataset.log",
    priority: 1  # before any training: what is impossible shows first
    localrule: fetched_or_small("dataset")
    conda:
        "../envs/data.yaml"
    threads: 16 if "folder" in config["dataset"] else 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        settings=config["dataset"],
        digest=DIGESTS["dataset"],
    script:
        "../scripts/prepare_dataset.py"


if SECOND in config:

    rule prepare_second_dataset:
        output:
            prepared_files(SECOND),
            meta=f"{RESULTS}/{SECOND}/meta.json",
        log:
            f"{RESULTS}/logs/prepare_second_dataset.log",
        priority: 1
        localrule: fetched_or_small(SECOND)
        conda:
            "../envs/data.yaml"
        threads: 16 if "folder" in config[SECOND] else 1
        resources:
            mem_mb=lambda wildcards, attempt: 4000 * attempt,
            runtime=lambda wildcards, attempt: 120 * attempt,
        params:
            settings=config[SECOND],
            digest=DIGESTS["dataset"] + sources("photographs.py"),
        script:
            "../scripts/prepare_second_dataset.py"
