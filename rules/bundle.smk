# A finished preset in one file for other people: the target `bundle` makes what plain `snakemake` makes, and packs it.


from netspaces.workflow.bundle_rule import BundleRule

BUNDLE = BundleRule(CONFIGURATION, PATHS, BASE, STUDY_RULES)


localrules:
    bundle,


rule bundle:
    input:
        populations=PATHS.populations(CONFIGURATION.run_populations),
        files=[*BUNDLE.files, *pages_of([""], PAGES)],
        environment=BUNDLE.environment,
        dictionary=BUNDLE.dictionary,
    output:
        PATHS.bundle,
    log:
        f"{RESULTS}/logs/bundle.log",
    conda:
        "../envs/analysis.yaml"
    params:
        results=lambda wildcards: RESULTS,
        own=BUNDLE.own,
        told=lambda wildcards: BUNDLE.told,
        digest=digest_of("bundle.py", DRAWS_NOTHING),
    script:
        "../scripts/bundle.py"
