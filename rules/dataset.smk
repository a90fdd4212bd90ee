# The dataset, decoded once into a folder that all training jobs map read-only.


rule prepare_dataset:
    output:
        expand(
            f"{RESULTS}/dataset/{{split}}_{{kind}}.npy",
            split=["train", "test"],
            kind=["images", "labels"],
        ),
        meta=f"{RESULTS}/dataset/meta.json",
    log:
        f"{RESULTS}/logs/prepare_dataset.log",
    priority: 1  # before any training: what is impossible shows first
    conda:
        "../envs/data.yaml"
    params:
        settings=config["dataset"],
        digest=DIGESTS["dataset"],
    script:
        "../scripts/prepare_dataset.py"
