# Configuration, names of files, and the functions that rules share.

import json
import os
import re
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

BASE = Path(workflow.basedir)
LIBRARY = BASE / "scripts" / "netspaces"
sys.path.insert(0, str(BASE / "scripts"))

from snakemake.exceptions import WorkflowError

from netspaces.configuration import configuration
from netspaces.cost import demands as dealing
from netspaces.cost.prediction import Predictor
from netspaces.figures import FIGURES as FIGURE_MODULES
from netspaces.files import digest
from netspaces.spaces.limits import definition_with_limits, takes_limits
from netspaces.configuration.datasets import FIRST, SECOND
from netspaces.tables import TABLES as TABLE_MODULES
from netspaces.training.store import TRAINING_VERSION
from netspaces.workflow.progress import say, show_progress
from netspaces.workflow.scheduling import look_again_once
from netspaces.workflow.slurm import end_endless_waits
from netspaces.published.torchvision_weights import NAMES

try:
    CONFIGURATION = configuration.load(config, os.path.relpath(BASE / "config"))
except configuration.ConfigError as error:
    raise SystemExit(f"error: {error}")
config.update(CONFIGURATION.settings)

if workflow.is_main_process:
    show_progress(logger)
    look_again_once()
    end_endless_waits(say)

RESULTS = f"results/{CONFIGURATION.preset}"
POPULATIONS = CONFIGURATION.populations
IMPORTED = CONFIGURATION.imported_populations
DATASETS = [key for key in (FIRST, SECOND) if key in config]  # each also the name of its folder of results
SHARDS = {name: dealing.shards(population.n, config["models_per_job"]) for name, population in POPULATIONS.items()}
STUDIES = CONFIGURATION.available_studies
TABLES = [name for name in STUDIES if name.startswith("table") or "table" in CONFIGURATION.studies[name]]
FIGURES = [name for name in STUDIES if name not in TABLES]
REGISTRIES = {"figures": FIGURE_MODULES, "tables": TABLE_MODULES}
SUMMARIES = ["populations", "comparisons", "paper_against_ours"]
GPUS = 1 if config["device"] == "cuda" else 0  # of a job that trains, measures or evaluates networks
MEASURED_FOR_CLAIMS = ["fig12_complexity", "table04_efficientnet_comparison"]  # times, and errors of published weights


wildcard_constraints:
    population=r"[A-Za-z0-9_]+-(?!imported-)[A-Za-z0-9_]+-[A-Za-z0-9_]+(-r\d+)?",
    shard=r"\d{5}(-\d{5}_\d+of\d+)?",


# ---- Digests: the library sources that a rule's result rests on. Editing one re-runs what it touches, and no more.


def sources(*names):
    return digest(LIBRARY / name for name in names)


SAMPLING = (
    "networks/architecture.py",
    "networks/complexity.py",
    "spaces/expressions.py",
    "spaces/definition.py",
    "spaces/distributions.py",
    "spaces/families/anynet.py",
    "spaces/families/linear.py",
    "spaces/families/regnet.py",
    "spaces/family.py",
    "spaces/limits.py",
    "spaces/sampling.py",
    "spaces/size.py",
    "spaces/space.py",
)
READING = (
    *(f"data/{path.name}" for path in sorted((LIBRARY / "data").glob("*.py"))),
    *(f"data/readers/{path.name}" for path in sorted((LIBRARY / "data/readers").glob("*.py"))),
)
SCALING = ("statistics/flops_fits.py", "statistics/intervals.py", "statistics/resampling.py")
ANALYSIS = (
    *SCALING,
    "statistics/ranks.py",
    "statistics/best.py",
    "statistics/comparisons.py",
    "statistics/edf.py",
    "statistics/samples.py",
    "statistics/search.py",
    "statistics/attribution.py",
    "statistics/epochs.py",
    "studies/choices.py",
    "studies/claims/claim.py",
    "studies/claims/models.py",
)
ANALYSIS += (
    "studies/claims/populations.py",
    "studies/models.py",
    "statistics/equivalence.py",
    "statistics/interaction.py",
    "statistics/matching.py",
)
ANALYSIS += (
    "studies/times.py",
    "statistics/patterns.py",
    "published/models.py",
    "studies/study.py",
    "statistics/trends.py",
    "statistics/widths_fit.py",
)
DIGESTS = {
    "dataset": sources(*READING),
    "sampling": sources(*SAMPLING),
    "dealing": sources("cost/coefficients.py", "cost/prediction.py", "cost/sharing.py")
    if config["models_per_job"] > 1
    else "",
    "collecting": sources(*SAMPLING, "populations/table.py", "training/records.py"),
    "timing": sources("networks/architecture.py", "networks/modules.py", "training/device.py", "published/timing.py"),
    "limits": sources("spaces/limits.py", *SCALING),
    "importing": sources(
        "networks/architecture.py",
        "networks/authors_names.py",
        "populations/imported.py",
        "populations/imported_jobs.py",
        "populations/importers/csv.py",
        "populations/importers/nds.py",
        "populations/importers/pycls.py",
        "populations/table.py",
        "training/records.py",
    ),
    "finals": sources(*SAMPLING, "populations/finals.py", "training/records.py"),
    "published_times": sources(
        "networks/architecture.py", "networks/modules.py", "published/models.py", "published/times.py"
    ),
    "evaluation": sources("published/evaluation.py", "published/torchvision_weights.py"),
    "comparison": sources("studies/models.py"),
}


def module_of(study):
    """The module of the library that makes a figure or table: the one that the study names, or its own name."""
    declared = CONFIGURATION.studies.get(study, {})
    name = declared.get("table", declared.get("figure", study))
    registry = REGISTRIES[kind_of(study)]
    if name not in registry:
        raise SystemExit(f"error: config/studies.yaml: {study}: there is no {registry.kind} {name!r} to make it")
    return name


def kind_of(study):
    """The kind of a study's result, which is the name of its folder too."""
    return "tables" if study in [*TABLES, *SUMMARIES] else "figures"


def analysis_digest(study):
    """What a figure or table rests on: its own module and those it borrows from, what all share, the statistics."""
    paths = [path for folder in ("figures", "tables") for path in (LIBRARY / folder).rglob("*.py")]
    texts = {".".join(path.relative_to(LIBRARY).with_suffix("").parts): path.read_text() for path in paths}
    own = REGISTRIES[kind_of(study)].modules[module_of(study)].removeprefix("netspaces.")
    shared = [module for module, text in texts.items() if "\ndef draw(" not in text and "\ndef make(" not in text]
    borrowed = re.findall(r"^from netspaces\.((?:figures|tables)[\w.]*) import", texts[own], re.MULTILINE)
    modules = {*shared, *borrowed, own}
    return sources(*(f"{module.replace('.', os.sep)}.py" for module in modules), *ANALYSIS, *SAMPLING)


# ---- Files


def run_studies(among):
    """Those of some studies that are part of the default target."""
    return [study for study in among if study in CONFIGURATION.run_studies]


def population_files():
    return expand(
        f"{RESULTS}/populations/{{population}}.{{ext}}",
        population=CONFIGURATION.run_populations,
        ext=["parquet", "csv"],
    )


def figure_files(studies):
    """The files of those of some studies that are figures."""
    figures = [study for study in studies if study in FIGURES]
    return expand(f"{RESULTS}/figures/{{study}}.{{ext}}", study=figures, ext=["pdf", "svg", "png", "csv"])


def table_files(studies):
    """The files of those of some studies that are tables."""
    tables = [study for study in studies if study not in FIGURES]
    return expand(f"{RESULTS}/tables/{{study}}.{{ext}}", study=tables, ext=["html", "csv", "md", "tex"])


def get_records(wildcards):
    """The training jobs' outputs of one population."""
    shards = SHARDS[wildcards.population]
    return expand(f"{RESULTS}/trained/{wildcards.population}/{{shard}}.json", shard=shards)


def population_of(wildcards):
    return POPULATIONS[wildcards.population]


def deciding(population):
    """All that decides a population's records. The first dataset goes without saying, as before there was a second."""
    return {key: value for key, value in vars(population).items() if (key, value) != ("dataset", FIRST)}


def shard_of(wildcards):
    return SHARDS[wildcards.population][wildcards.shard]


def at_once(wildcards):
    """How many networks of a job train at the same time."""
    return min(config["networks_at_once"], config["models_per_job"], len(shard_of(wildcards).indices))


def prepared_files(key):
    """The files of a prepared dataset but the last one, meta.json."""
    splits = ["train", "validation", "test"] if "validation_fraction" in config[key] else ["train", "test"]
    jpeg = config[key].get("stored_as") == "jpeg"
    files = ["images.jpeg", "offsets.npy", "labels.npy"] if jpeg else ["images.npy", "labels.npy"]
    return expand(f"{RESULTS}/{key}/{{split}}_{{file}}", split=splits, file=files)


def fetched_or_small(key):
    """On a cluster prepared where snakemake runs: nodes may not reach the internet, small ones are not worth a queue."""
    return config[key].get("download", False) or "folder" not in config[key]


def known_limits():
    """The file of limits on complexity if it is there: what is predicted before it does without."""
    path = f"{RESULTS}/limits.json"
    return path if os.path.exists(path) else None


def described_populations():
    """The populations of the default target that are our own, by name, with limits on complexity that are known."""
    own = {name: POPULATIONS[name] for name in CONFIGURATION.run_populations if name in POPULATIONS}
    limits = known_limits()
    return {
        name: replace(population, definition=definition_with_limits(population.definition, limits))
        for name, population in own.items()
    }


def imported_populations():
    """What is declared of the imported populations of the default target, by name."""
    return {name: dict(IMPORTED[name]) for name in CONFIGURATION.run_populations if name in IMPORTED}


def limits_of(wildcards):
    """The limits on complexity, for a population whose design space takes them from figure 12."""
    return {"limits": f"{RESULTS}/limits.json"} if takes_limits(population_of(wildcards).definition) else {}


def all_cores():
    """The cores of the machine that runs the jobs, so that a measurement has no neighbours."""
    try:
        return workflow.cores
    except WorkflowError:  # a cluster does
        return config["timing"]["threads"]


def panels_of(study):
    """The panels of a study; for a summary, those of all figures of the default target, or of the paper's claims."""
    if study == "paper_against_ours":
        return CONFIGURATION.run_claims
    if study not in SUMMARIES:
        return CONFIGURATION.curves(study)
    every = {name: CONFIGURATION.curves(name) for name in run_studies(FIGURES)}
    return {f"{name}/{panel}": curves for name, panels in every.items() for panel, curves in panels.items()}


def populations_of(study):
    """The population tables behind a study."""
    return expand(f"{RESULTS}/populations/{{population}}.parquet", population=population_names(study))


def population_names(study):
    """The populations of a study, each once."""
    return list(dict.fromkeys(curve["population"] for curves in panels_of(study).values() for curve in curves))


def published_of(study):
    """The files with the numbers that the paper prints for a study, or with its models for claims on them."""
    of_summaries = dict.fromkeys(SUMMARIES, "edf_legends.csv") | {"paper_against_ours": "models.csv"}
    names = of_summaries.get(study) or CONFIGURATION.studies[study].get("published", [])
    names = [names] if isinstance(names, str) else names
    return [os.path.relpath(BASE / "config" / "published" / name) for name in names]


def inputs_of(study):
    """What a study rests on beside populations, by name."""
    declared = CONFIGURATION.studies.get(study, {})
    inputs = dict(declared.get("inputs", {}))
    if study == "paper_against_ours":  # no measurement is made for claims alone
        for source in run_studies(MEASURED_FOR_CLAIMS):
            inputs |= CONFIGURATION.studies[source]["inputs"]
    if declared.get("finals"):  # a row for the best network of each population, under the population's name
        inputs |= {name: f"finals/{name}.csv" for name in population_names(study)}
    return {name: f"{RESULTS}/{path}" for name, path in inputs.items()}


def evaluated_models():
    """The published models whose torchvision weights the configuration asks to evaluate."""
    return list(config["evaluation"].get("models", NAMES)) if "evaluation" in config else []


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
    curves = [curve for curves in panels.values() for curve in curves if curve["population"] in POPULATIONS]
    declared = CONFIGURATION.studies.get(study, {})
    spaces = dict.fromkeys([*(curve["space"] for curve in curves), *declared.get("sizes_of", [])])
    used = {kind: dict.fromkeys(curve[kind.removesuffix("s")] for curve in curves) for kind in ("regimes", "recipes")}
    preset = {key: config[key] for key in ("preset", "dataset", "skeleton")}
    if any(POPULATIONS[curve["population"]].dataset == SECOND for curve in curves):
        preset[SECOND] = config[SECOND]
    return {
        "name": study,
        "kind": kind_of(study),
        "module": module_of(study),
        "title": title_of(study),
        "panels": panels,
        "planned": {curve["population"]: POPULATIONS[curve["population"]].n for curve in curves},
        "statistics": dict(config["statistics"]),
        "definitions": {name: CONFIGURATION.spaces[name] for name in spaces},
        "claims": dict(CONFIGURATION.claims) if study == "paper_against_ours" else {},
        "preset": preset | {kind: {name: config[kind][name] for name in names} for kind, names in used.items()},
    }


# ---- Memory and time of training jobs, from the predicted cost of their networks


def demand(wildcards):
    """What a training job needs; a process that runs one has no need to know."""
    if not workflow.is_main_process:
        return dealing.LEAST
    sizes = (config["models_per_job"], config["networks_at_once"])
    recipe = population_of(wildcards).recipe
    return demands_of(wildcards.population, recipe, *sizes)[wildcards.shard]


def final_demand(wildcards):
    """What a final training needs at most: which network of the population it trains is not known yet."""
    if not workflow.is_main_process:
        return dealing.LEAST
    networks = demands_of(wildcards.population, config["recipes"].get("final", {}), 1).values()
    return dealing.Demand(max(n.mem_mb for n in networks), max(n.minutes for n in networks))


def demands_of(name, recipe, *sizes):
    """What jobs of a population need with a recipe, by job."""
    population = POPULATIONS[name]
    prepared = os.path.exists(f"{RESULTS}/{population.dataset}/meta.json")  # then the number of images is known
    return _demands_of(name, prepared, json.dumps(recipe), sizes)


@lru_cache(maxsize=None)
def _demands_of(name, prepared, recipe, sizes):
    population = POPULATIONS[name]
    definition = definition_with_limits(population.definition, known_limits())
    known = dealing.forecast(definition, population.regime, population.seed, population.n)
    predictor = Predictor.of(config, RESULTS, population.dataset)
    return dealing.demands(known.networks, json.loads(recipe), predictor, *sizes)
