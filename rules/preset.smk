# A preset proposed for images of the user's own, before there is one.


localrules:
    new_preset,


rule new_preset:
    log:
        f"{RESULTS}/logs/new_preset.log",
    retries: 0
    conda:
        "../envs/train.yaml"
    params:
        settings={key: config[key] for key in ("name", "folder", "file") if key in config},
        folder=os.path.relpath(BASE / "config"),
    script:
        "../scripts/new_preset.py"
