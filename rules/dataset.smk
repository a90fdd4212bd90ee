# The preset's datasets, decoded once, each into a folder that training jobs map read-only.

for key in DATASETS:

    rule:
        name:
            f"prepare_{key}"
        output:
            prepared_files(key),
            meta=f"{RESULTS}/{key}/meta.json",
        log:
            f"{RESULTS}/logs/prepare_{key}.log",
        priority: 1  # before any training: what is impossible shows first
        localrule: fetched_or_small(key)
        conda:
            "../envs/data.yaml"
        threads: 16 if "folder" in config[key] else 1
        resources:
            mem_mb=lambda wildcards, attempt: 4000 * attempt,
            runtime=lambda wildcards, attempt: 120 * attempt,
        params:
            settings=config[key],
            digest=DIGESTS["dataset"],
        script:
            "../scripts/prepare_dataset.py"
