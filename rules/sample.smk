# What a design space gives in its regime: a first look at how many draws are accepted (it stops an impossible
# population before anything is trained), and the table of all sampled networks.


localrules:
    measure_acceptance,
    sample,


rule measure_acceptance:
    input:
        unpack(limits_of),
    output:
        f"{RESULTS}/acceptance/{{population}}.json",
    log:
        f"{RESULTS}/logs/acceptance/{{population}}.log",
    priority: CHECKING
    conda:
        "../envs/train.yaml"
    params:
        definition=lambda wildcards: population_of(wildcards).definition,
        regime=lambda wildcards: population_of(wildcards).regime,
        seed=lambda wildcards: population_of(wildcards).seed,
        sampling_version=SAMPLING_VERSION,
        plugins=lambda wildcards: plugins_of(population_of(wildcards).definition, {}),
    script:
        "../scripts/measure_acceptance.py"


rule sample:
    input:
        unpack(limits_of),
        acceptance=f"{RESULTS}/acceptance/{{population}}.json",  # not ancient: the engine would skip what is missing
    output:
        f"{RESULTS}/sampled/{{population}}.csv",
    log:
        f"{RESULTS}/logs/sample/{{population}}.log",
    priority: priority_of
    conda:
        "../envs/analysis.yaml"
    params:
        definition=lambda wildcards: population_of(wildcards).definition,
        regime=lambda wildcards: population_of(wildcards).regime,
        seed=lambda wildcards: population_of(wildcards).seed,
        networks=lambda wildcards: networks_of(population_of(wildcards)),
        digest=digest_of("sample.py", entries_of_population),
    script:
        "../scripts/sample.py"
