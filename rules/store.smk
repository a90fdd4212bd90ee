# The store of runs, results/<preset>/runs. Once, after an update from the time when keys of runs were hashes of source
# bytes: `snakemake adopt_runs` gives the runs of the last such sources the keys of today, so that none is trained again.


localrules:
    adopt_runs,


rule adopt_runs:
    log:
        f"{RESULTS}/logs/adopt_runs.log",
    conda:
        "../envs/train.yaml"
    params:
        store=f"{RESULTS}/runs",
    script:
        "../scripts/adopt_runs.py"
