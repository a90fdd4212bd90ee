# Runs -> one tidy table per population.


localrules:
    collect,


rule collect:
    input:
        records=records_of,
        sampled=f"{RESULTS}/sampled/{{population}}.csv",
    output:
        parquet=f"{RESULTS}/populations/{{population}}.parquet",
        csv=f"{RESULTS}/populations/{{population}}.csv",
    log:
        f"{RESULTS}/logs/collect/{{population}}.log",
    priority: DRAWING
    conda:
        "../envs/analysis.yaml"
    params:
        # all that decides what the records should be: if their jobs fail, this is not up to date
        population=lambda wildcards: deciding(population_of(wildcards)),
        training=TRAINING_VERSION,
        store=f"{RESULTS}/runs",
        digest=digest_of("collect.py", entries_of_population),
    script:
        "../scripts/collect.py"
