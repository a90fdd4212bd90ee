# The store of runs, results/<preset>/runs, of which three targets have no part in a run: `save_runs` writes all runs into
# one table, `restore_runs` makes the store from such a table, so that nothing is trained again, and `adopt_runs`, once
# after an update from the time when keys of runs were hashes of source bytes, gives runs of the last such sources the keys
# of today.


localrules:
    save_runs,
    restore_runs,
    adopt_runs,


rule save_runs:
    log:
        f"{RESULTS}/logs/save_runs.log",
    retries: 0
    conda:
        "../envs/analysis.yaml"
    params:
        results=RESULTS,
        table=f"{RESULTS}/runs.parquet",
    script:
        "../scripts/save_runs.py"


rule restore_runs:
    log:
        f"{RESULTS}/logs/restore_runs.log",
    retries: 0
    conda:
        "../envs/analysis.yaml"
    params:
        results=RESULTS,
        table=f"{RESULTS}/runs.parquet",
        datasets={name: config[name] for name in DATASETS},
    script:
        "../scripts/restore_runs.py"


rule adopt_runs:
    log:
        f"{RESULTS}/logs/adopt_runs.log",
    conda:
        "../envs/train.yaml"
    params:
        store=f"{RESULTS}/runs",
    script:
        "../scripts/adopt_runs.py"
