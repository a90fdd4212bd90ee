# The dataset, decoded once into a folder that all training jobs map read-only.

SPLITS = ["train", "validation", "test"] if "validation_fraction" in config["dataset"] else ["train", "test"]
JPEG = config["dataset"].get("stored_as") == "jpeg"

# On a cluster where snakemake runs: nodes may not reach the internet, and a small dataset is not worth a queue
FETCHED_OR_SMALL = config["dataset"].get("download", False) or "folder" not in config["dataset"]


rule prepare_dataset:
    output:
        expand(
            f"{RESULTS}/dataset/{{split}}_{{file}}",
            split=SPLITS,
            file=["images.jpeg", "offsets.npy", "labels.npy"] if JPEG else ["images.npy", "labels.npy"],
        ),
        meta=f"{RESULTS}/dataset/meta.json",
    log:
        f"{RESULTS}/logs/prepare_dataset.log",
    priority: 1  # before any training: what is impossible shows first
    localrule: FETCHED_OR_SMALL
    conda:
        "../envs/data.yaml"
    threads: 16 if "folder" in config["dataset"] else 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        settings=config["dataset"],
        digest=DIGESTS["dataset"],
    script:
        "../scripts/prepare_dataset.py"
