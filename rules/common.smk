# What all rules share: the configuration, read and checked, and names bound to it. The logic is in netspaces.workflow.

import os
import re
import sys
from pathlib import Path

BASE = Path(str(workflow.current_basedir)).parent  # of this repository, also where another workflow imports it
sys.path.insert(0, str(BASE / "scripts"))

from netspaces.workflow.interrupts import catch_interrupts

catch_interrupts()

from netspaces.configuration.datasets import datasets_of
from netspaces.configuration.loading import load
from netspaces.cost.chosen import shards_of
from netspaces.files.safe import OneLineError
from netspaces.published.torchvision_weights import NAMES
from netspaces.spaces.limits import takes_limits
from netspaces.spaces.sampling import SAMPLING_VERSION
from netspaces.training.store import RECORD_VERSION, TRAINING_VERSION
from netspaces.workflow.demands import Demands
from netspaces.workflow.digests import Sources
from netspaces.workflow.engine import all_cores, cores_of_job, gpus_at_once, prepare_engine, results_folder, say_done
from netspaces.workflow.given import given_layers
from netspaces.workflow.kept import restore
from netspaces.workflow.made_with import MadeWith
from netspaces.workflow.params import deciding, entries_of, networks_of, plugins_of, run_imported, run_populations
from netspaces.workflow.paths import JOB_PATTERN, POPULATION_PATTERN, Paths, is_fetched_or_small
from netspaces.workflow.plugin_checks import check_plugins
from netspaces.workflow.priorities import CHECKING, DRAWING, priority_by_wildcards
from netspaces.workflow.progress import say
from netspaces.workflow.start import after_jobs, before_jobs, check_interpreter
from netspaces.workflow.study_checks import check_imported_files, check_studies
from netspaces.workflow.study_rules import SUMMARIES, files_of, study_rules, targets_of

try:
    check_interpreter()
    VALUES, FILES = given_layers(config, workflow.config_settings)
    CONFIGURATION = load(VALUES, os.path.relpath(BASE / "config"), FILES)
    check_plugins(CONFIGURATION, is_main=workflow.is_main_process)
    PATHS = Paths(results_folder(workflow, CONFIGURATION.name))
    STUDY_RULES = study_rules(CONFIGURATION, PATHS, BASE)
    check_studies(STUDY_RULES, CONFIGURATION.run_studies if workflow.is_main_process else ())
    if workflow.is_main_process and Path(workflow.main_snakefile).parent == BASE:  # else another workflow may make them
        check_imported_files(CONFIGURATION)
    DEMANDS = Demands(CONFIGURATION, PATHS, predict=workflow.is_main_process)
    MADE_WITH = MadeWith(PATHS.results, CONFIGURATION.settings)
    MADE_WITH.check()
except (OneLineError, OSError) as error:
    raise SystemExit(f"error: {error}")
config.clear()  # of what a later file replaced
config.update(CONFIGURATION.settings)
if workflow.is_main_process:
    prepare_engine(workflow, logger, CONFIGURATION, PATHS, STUDY_RULES)

RESULTS = PATHS.results
POPULATIONS = CONFIGURATION.populations
IMPORTED = CONFIGURATION.imported_populations
DATASETS = datasets_of(config)  # each also the name of its folder of results
SHARDS = {name: shards_of(population.indices, config["models_per_job"]) for name, population in POPULATIONS.items()}
GPUS = 1 if config["device"] == "cuda" else 0  # of a job that trains, measures or evaluates networks
CORES = all_cores(workflow, config["timing"]["threads"])  # so that a measurement has no neighbours
priority_of = priority_by_wildcards(CONFIGURATION)
SOURCES = Sources()


wildcard_constraints:
    population=POPULATION_PATTERN,
    shard=JOB_PATTERN,


def population_of(wildcards):
    """The population that a job is about, or the largest one of a design space in a regime."""
    name = getattr(wildcards, "population", None)
    return POPULATIONS[name] if name else CONFIGURATION.largest_population(wildcards.space, wildcards.regime)


def shard_of(wildcards):
    return SHARDS[wildcards.population][wildcards.shard]


def records_of(wildcards):
    """What the training jobs of one population write."""
    return PATHS.trained(wildcards.population, SHARDS[wildcards.population])


def limits_of(wildcards):
    """The limits on complexity, for a population whose design space takes them from figure 12."""
    return {"limits": PATHS.limits} if takes_limits(population_of(wildcards).definition) else {}


def entries_of_population(wildcards):
    """The block and the family of a population, for a digest."""
    return entries_of([population_of(wildcards).definition])


def dealing_of(wildcards):
    """The digest of what deals the networks of several jobs to them; there is nothing to deal to jobs of one."""
    if config["models_per_job"] == 1:
        return ""
    return SOURCES.digest_of("netspaces.cost.sharing", entries_of_population(wildcards) | {"reader": []})


def digest_of(script, used=None):
    """A rule's param: the digest of its script and of the entries that it uses, once a job is planned or run."""
    return lambda wildcards: SOURCES.digest_of(script, used(wildcards) if callable(used) else used)


def by_attempt(amount):
    """A resource that grows with each attempt of a job."""
    return lambda wildcards, attempt: amount * attempt


def cores_of(wanted):
    """The cores of a job that wants so many: no GPU is to have no job for want of cores."""
    return cores_of_job(workflow, wanted) if GPUS else wanted
