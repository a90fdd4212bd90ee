# The paper's own models on the machine at hand: their times, and the errors of torchvision's weights on images that
# the configuration names.

MODELS_FILE = os.path.relpath(BASE / "config" / "published" / "models.csv")
EVALUATION = config.get("evaluation", {})


localrules:
    collect_evaluations,


rule measure_published:
    input:
        MODELS_FILE,
    output:
        f"{RESULTS}/times/published.csv",
    log:
        f"{RESULTS}/logs/measure_published.log",
    conda:
        "../envs/train.yaml"
    threads: all_cores()
    resources:
        mem_mb=lambda wildcards, attempt: 6000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
        gpu=GPUS,
    params:
        device=config["device"],
        limit=config["published_timing_limit"],
        digest=DIGESTS["published_times"],
    script:
        "../scripts/measure_published.py"


rule evaluate_published:
    input:
        MODELS_FILE,
    output:
        f"{RESULTS}/evaluation/{{model}}.json",
    log:
        f"{RESULTS}/logs/evaluate_published/{{model}}.log",
    wildcard_constraints:
        model=r"(RegNet|ResNe|EfficientNet)[\w.-]+",
    conda:
        "../envs/data.yaml"
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 240 * attempt,
        gpu=GPUS,
    params:
        settings=EVALUATION,
        device=config["device"],
        digest=DIGESTS["evaluation"],
    script:
        "../scripts/evaluate_published.py"


rule collect_evaluations:
    input:
        expand(f"{RESULTS}/evaluation/{{model}}.json", model=evaluated_models()),
    output:
        f"{RESULTS}/evaluation/published.csv",
    log:
        f"{RESULTS}/logs/collect_evaluations.log",
    conda:
        "../envs/analysis.yaml"
    params:
        level=config["statistics"]["level"],
        digest=DIGESTS["comparison"],
    script:
        "../scripts/collect_evaluations.py"
