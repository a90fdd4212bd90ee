# The preset's datasets, decoded once, each into a folder that training jobs map read-only. Of its files only meta.json,
# written last, is an output: the engine deletes outputs before a job starts, and images outlive a preparation that fails.

for key in DATASETS:

    rule:
        name:
            f"prepare_{key}"
        output:
            PATHS.meta(key),
        log:
            f"{RESULTS}/logs/prepare_{key}.log",
        priority: CHECKING
        localrule: is_fetched_or_small(config[key])
        conda:
            "../envs/data.yaml"
        threads: 16 if "folder" in config[key] else 1
        resources:
            mem_mb=by_attempt(4000),
            runtime=by_attempt(120),
        params:
            settings=config[key],
            digest=digest_of("prepare_dataset.py", {"reader": [config[key]["name"]]}),
        script:
            "../scripts/prepare_dataset.py"
