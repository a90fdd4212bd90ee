# Networks that nobody trains, and that stand for their design space beside those that are trained: the next ones of the
# same stream. Populations that share design space and regime share them.


localrules:
    sample_untrained,


rule sample_untrained:
    input:
        unpack(limits_of),
    output:
        f"{RESULTS}/untrained/{{space}}-{{regime}}.parquet",
    log:
        f"{RESULTS}/logs/untrained/{{space}}-{{regime}}.log",
    wildcard_constraints:
        space="[A-Za-z0-9_]+",
        regime="[A-Za-z0-9_]+",
    conda:
        "../envs/analysis.yaml"
    params:
        definition=lambda wildcards: population_of(wildcards).definition,
        regime=lambda wildcards: population_of(wildcards).regime,
        seed=lambda wildcards: population_of(wildcards).seed,
        first=lambda wildcards: population_of(wildcards).n,
        networks=config["statistics"]["untrained"],
        digest=digest_of("sample_untrained.py", entries_of_population),
    script:
        "../scripts/sample_untrained.py"
