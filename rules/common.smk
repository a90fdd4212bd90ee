# Configuration, names of files, and the functions that rules share.

import os
import re
import sys
from pathlib import Path

BASE = Path(workflow.basedir)
LIBRARY = BASE / "scripts" / "netspaces"
sys.path.insert(0, str(BASE / "scripts"))

from netspaces import configuration
from netspaces.files import digest
from netspaces.progress import say, show_progress
from netspaces.slurm import end_endless_waits

try:
    CONFIGURATION = configuration.load(config, os.path.relpath(BASE / "config"))
except configuration.ConfigError as error:
    raise SystemExit(f"error: {error}")
config.update(CONFIGURATION.settings)

if workflow.is_main_process:
    show_progress(logger)
    end_endless_waits(say)

RESULTS = f"results/{CONFIGURATION.preset}"
POPULATIONS = CONFIGURATION.populations
SHARDS = {name: population.shards(config["models_per_job"]) for name, population in POPULATIONS.items()}
FIGURES = [study for study in CONFIGURATION.run_studies if not study.startswith("table")]
TABLES = [study for study in CONFIGURATION.run_studies if study.startswith("table")]
SUMMARIES = ["populations", "comparisons"]
GPUS = 1 if config["device"] == "cuda" else 0  # of a training job


wildcard_constraints:
    population="[A-Za-z0-9_]+-[A-Za-z0-9_]+-[A-Za-z0-9_]+",
    shard=r"\d{5}(-\d{5})?",


# ---- Digests: the library sources that a rule's result rests on. Editing one re-runs what it touches, and no more.


def sources(*names):
    return digest(LIBRARY / name for name in names)


SAMPLING = ("architecture.py", "complexity.py", "constraints.py", "distributions.py", "spaces.py")
LEARNING = ("architecture.py", "augmentation.py", "datasets.py", "network.py", "process.py", "recipe.py", "training.py")
ANALYSIS = ("statistics.py", "studies.py", "widths_fit.py")
DIGESTS = {
    "dataset": sources("datasets.py", "images.py", "parquet.py", "preparation.py", "readers.py"),
    "sampling": sources(*SAMPLING),
    "training": sources(*LEARNING),
    "collecting": sources(*SAMPLING, "populations.py", "records.py"),
}


def module_of(study):
    """The library module that makes a figure or table: the one that the study names, or its own name."""
    folder = "tables" if study in [*TABLES, *SUMMARIES] else "figures"
    name = CONFIGURATION.studies.get(study, {}).get("figure", study)
    if not (LIBRARY / folder / f"{name}.py").exists():
        raise SystemExit(f"error: config/studies.yaml: {study}: no scripts/netspaces/{folder}/{name}.py to make it")
    return f"{folder}.{name}"


def analysis_digest(study):
    """What a figure or table rests on: its own module, what such modules share, and the statistics."""
    texts = {f"{path.parent.name}.{path.stem}": path.read_text() for path in LIBRARY.glob("*s/*.py")}
    shared = [module for module, text in texts.items() if "\ndef draw(" not in text and "\ndef make(" not in text]
    modules = {*shared, module_of(study)}
    return sources(*(f"{module.replace('.', os.sep)}.py" for module in modules), *ANALYSIS, *SAMPLING)


# ---- Files


def population_files():
    return expand(f"{RESULTS}/populations/{{population}}.{{ext}}", population=POPULATIONS, ext=["parquet", "csv"])


def figure_files():
    return expand(f"{RESULTS}/figures/{{study}}.{{ext}}", study=FIGURES, ext=["pdf", "svg", "png", "csv"])


def table_files():
    return expand(f"{RESULTS}/tables/{{study}}.{{ext}}", study=[*TABLES, *SUMMARIES], ext=["html", "csv", "md", "tex"])


def get_records(wildcards):
    """The training jobs' outputs of one population."""
    shards = SHARDS[wildcards.population]
    return expand(f"{RESULTS}/trained/{wildcards.population}/{{shard}}.json", shard=shards)


def population_of(wildcards):
    return POPULATIONS[wildcards.population]


def panels_of(study):
    """The panels of a study; for a summary, those of all studies."""
    if study not in SUMMARIES:
        return CONFIGURATION.curves(study)
    every = {name: CONFIGURATION.curves(name) for name in FIGURES}
    return {f"{name}/{panel}": curves for name, panels in every.items() for panel, curves in panels.items()}


def populations_of(study):
    """The population tables behind a study."""
    names = dict.fromkeys(curve["population"] for curves in panels_of(study).values() for curve in curves)
    return expand(f"{RESULTS}/populations/{{population}}.parquet", population=names)


def published_of(study):
    """The file with the numbers that the paper prints for a study, if there is one."""
    name = "edf_legends.csv" if study in SUMMARIES else CONFIGURATION.studies[study].get("published")
    return [os.path.relpath(BASE / "config" / "published" / name)] if name else []


def caption_of(study):
    """The report's caption of a study: its own, or the general one for a study that a user added."""
    own = BASE / "report" / f"{study}.rst"
    return str(own if own.exists() else BASE / "report" / "study.rst")


def labels_of(study):
    """How the report names a figure or table."""
    numbered = re.match(r"(fig|table)(\d+)_", study)
    kind = {"fig": "Figure", "table": "Table"}[numbered[1]] if numbered else None
    number = f"{kind} {int(numbered[2]):2}" if numbered else "Summary" if study in SUMMARIES else "Study"
    return {"number": number, "shows": title_of(study)}


def title_of(study):
    """A study's title, or its name as words."""
    return CONFIGURATION.studies.get(study, {}).get("title", study.replace("_", " ").capitalize())


def study_params(study):
    """What a study's script is told: panels, the statistics' settings, the design spaces it speaks of."""
    panels = panels_of(study)
    curves = [curve for curves in panels.values() for curve in curves]
    declared = CONFIGURATION.studies.get(study, {})
    spaces = dict.fromkeys([*(curve["space"] for curve in curves), *declared.get("sizes_of", [])])
    return {
        "name": study,
        "module": module_of(study),
        "title": title_of(study),
        "panels": panels,
        "planned": {curve["population"]: POPULATIONS[curve["population"]].n for curve in curves},
        "statistics": dict(config["statistics"]),
        "definitions": {name: CONFIGURATION.spaces[name] for name in spaces},
        "preset": {key: config[key] for key in ("preset", "dataset", "skeleton")},
    }
