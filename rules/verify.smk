# Is what lies in the results still what was written? Trains nothing, changes nothing, and fails if anything is damaged.


localrules:
    verify,


rule verify:
    log:
        f"{RESULTS}/logs/verify.log",
    retries: 0
    conda:
        "../envs/train.yaml"
    params:
        results=RESULTS,
    script:
        "../scripts/verify.py"
