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
    threads: CORES
    resources:
        mem_mb=by_attempt(6000),
        runtime=by_attempt(60),
        gpu=GPUS,
    params:
        device=config["device"],
        limit=config["published_timing_limit"],
        digest=digest_of("measure_published.py"),
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
        mem_mb=by_attempt(8000),
        runtime=by_attempt(240),
        gpu=GPUS,
    params:
        settings=EVALUATION,
        device=config["device"],
        digest=digest_of("evaluate_published.py"),
    script:
        "../scripts/evaluate_published.py"


rule collect_evaluations:
    input:
        expand(f"{RESULTS}/evaluation/{{model}}.json", model=EVALUATION.get("models", NAMES) if EVALUATION else []),
    output:
        f"{RESULTS}/evaluation/published.csv",
    log:
        f"{RESULTS}/logs/collect_evaluations.log",
    conda:
        "../envs/analysis.yaml"
    params:
        level=config["statistics"]["level"],
        digest=digest_of("collect_evaluations.py"),
    script:
        "../scripts/collect_evaluations.py"
