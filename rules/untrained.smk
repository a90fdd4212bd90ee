# Networks that nobody trains, and that stand for their design space beside those that are trained: the next ones of the
# same stream. Populations that share design space and regime share them.


localrules:
    sample_untrained,


def networks_of(wildcards):
    """The largest population of a design space in a regime: the networks after its last one are never trained."""
    return CONFIGURATION.largest_population(wildcards.space, wildcards.regime)


def limits_of_networks(wildcards):
    """As `limits_of`, for a design space in a regime."""
    return {"limits": PATHS.limits} if takes_limits(networks_of(wildcards).definition) else {}


rule sample_untrained:
    input:
        unpack(limits_of_networks),
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
        definition=lambda wildcards: networks_of(wildcards).definition,
        regime=lambda wildcards: networks_of(wildcards).regime,
        seed=lambda wildcards: networks_of(wildcards).seed,
        first=lambda wildcards: networks_of(wildcards).n,
        networks=config["statistics"]["untrained"],
        digest=digest_of("sample_untrained.py", lambda wildcards: entries_of([networks_of(wildcards).definition])),
    script:
        "../scripts/sample_untrained.py"
