# Other people's populations -> the same table as of our own.


localrules:
    check_import,
    import_population,


rule import_population:
    input:
        lambda wildcards: IMPORTED[wildcards.imported]["file"],
    output:
        parquet=f"{RESULTS}/populations/{{imported}}.parquet",
        csv=f"{RESULTS}/populations/{{imported}}.csv",
    log:
        f"{RESULTS}/logs/import/{{imported}}.log",
    wildcard_constraints:
        imported="|".join(map(re.escape, IMPORTED)) or "(?!)",  # no file name fits if there are none
    conda:
        "../envs/analysis.yaml"
    params:
        declared=lambda wildcards: IMPORTED[wildcards.imported],
        digest=digest_of(
            "import_population.py", lambda wildcards: {"import format": [IMPORTED[wildcards.imported]["format"]]}
        ),
    script:
        "../scripts/import_population.py"


rule check_import:
    log:
        f"{RESULTS}/logs/check_import.log",
    retries: 0
    conda:
        "../envs/analysis.yaml"
    params:
        imported=config.get("imported", {}),
    script:
        "../scripts/check_import.py"
