# Configuration, names of files, and the functions that rules share.

import os
import sys
from pathlib import Path

BASE = Path(workflow.basedir)
LIBRARY = BASE / "scripts" / "netspaces"
sys.path.insert(0, str(BASE / "scripts"))

from netspaces import configuration
from netspaces.files import digest
from netspaces.progress import say, show_progress

try:
    CONFIGURATION = configuration.load(config, os.path.relpath(BASE / "config"))
except configuration.ConfigError as error:
    raise SystemExit(f"error: {error}")
config.update(CONFIGURATION.settings)

if workflow.is_main_process:
    show_progress(logger)

RESULTS = f"results/{CONFIGURATION.preset}"
POPULATIONS = CONFIGURATION.populations
SHARDS = {name: population.shards(config["models_per_job"]) for name, population in POPULATIONS.items()}
FIGURES = [study for study in CONFIGURATION.run_studies if study.startswith("fig")]
TABLES = []


wildcard_constraints:
    population="[A-Za-z0-9_]+-[A-Za-z0-9_]+-[A-Za-z0-9_]+",
    shard=r"\d{5}(-\d{5})?",
    study="(fig|table)[A-Za-z0-9_]+",


# ---- Digests: the library sources that a rule's result rests on. Editing one re-runs what it touches, and no more.


def sources(*names):
    return digest(LIBRARY / name for name in names)


SAMPLING = ("architecture.py", "complexity.py", "constraints.py", "distributions.py", "spaces.py")
LEARNING = ("datasets.py", "network.py", "training.py")
DIGESTS = {
    "dataset": sources("datasets.py"),
    "sampling": sources(*SAMPLING),
    "training": sources(*LEARNING),
    "collecting": sources(*SAMPLING, "populations.py", "records.py"),
}


def analysis_digest(folder, study):
    """What a figure or table rests on: its own module, what its folder shares, and the statistics."""
    shared = [f"{folder}/{path.name}" for path in (LIBRARY / folder).glob("*.py") if not path.stem[-1:].isdigit()]
    shared = [name for name in shared if not Path(name).name.startswith(("fig", "table"))]
    return sources(*shared, f"{folder}/{study}.py", "statistics.py", "studies.py", "widths_fit.py", "spaces.py")


# ---- Files


def population_files():
    return expand(f"{RESULTS}/populations/{{population}}.{{ext}}", population=POPULATIONS, ext=["parquet", "csv"])


def figure_files():
    return expand(f"{RESULTS}/figures/{{study}}.{{ext}}", study=FIGURES, ext=["pdf", "svg", "png", "csv"])


def table_files():
    return expand(f"{RESULTS}/tables/{{study}}.{{ext}}", study=[*TABLES, *SUMMARIES], ext=["csv", "md", "tex"])


def get_records(wildcards):
    """The training jobs' outputs of one population."""
    shards = SHARDS[wildcards.population]
    return expand(f"{RESULTS}/trained/{wildcards.population}/{{shard}}.json", shard=shards)


def population_of(wildcards):
    return POPULATIONS[wildcards.population]


def populations_of(study):
    """The population tables behind a study."""
    names = [curve["population"] for curves in CONFIGURATION.curves(study).values() for curve in curves]
    return expand(f"{RESULTS}/populations/{{population}}.parquet", population=dict.fromkeys(names))


def study_params(study):
    """What a study's script is told: panels, the statistics' settings, the design spaces it speaks of."""
    panels = CONFIGURATION.curves(study) if study in CONFIGURATION.studies else {}
    spaces = {curve["space"] for curves in panels.values() for curve in curves}
    spaces |= set(CONFIGURATION.studies.get(study, {}).get("sizes_of", []))
    return {
        "name": study,
        "title": CONFIGURATION.studies.get(study, {}).get("title", study),
        "panels": panels,
        "planned": {c["population"]: POPULATIONS[c["population"]].n for cs in panels.values() for c in cs},
        "statistics": dict(config["statistics"]),
        "definitions": {name: CONFIGURATION.spaces[name] for name in CONFIGURATION.spaces if name in spaces},
        "preset": {key: config[key] for key in ("preset", "dataset", "skeleton")},
    }
