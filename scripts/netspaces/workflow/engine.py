"""What this workflow does to the engine: lines in the terminal, mended faults, and use as a module by others."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from netspaces.configuration.configuration import Configuration
from netspaces.workflow.early_warnings import recipe_warnings, weights_missing
from netspaces.workflow.forks import fork_jobs
from netspaces.workflow.gpus import NoGpu, visible_gpus
from netspaces.workflow.interrupts import let_starting_jobs_end
from netspaces.workflow.jobs import print_whatever_comes
from netspaces.workflow.paths import Paths
from netspaces.workflow.progress import say, show_progress
from netspaces.workflow.report import mend_report
from netspaces.workflow.scheduling import look_again_once
from netspaces.workflow.slurm import end_endless_waits
from netspaces.workflow.story import prepare_story
from netspaces.workflow.study_rules import StudyRule
from netspaces.workflow.targets import explain_unknown
from netspaces.workflow.versions import fits

SERIES = "9.27"
TRAINING = ("train.py", "train_final.py")  # scripts whose jobs are forked, each group after the imports of its first
ANALYSES = (
    *("figure.py", "collect.py", "collect_finals.py", "complexity_limits.py", "explore.py", "measure_acceptance.py"),
    *("page_charts.py", "predict.py", "prepare_dataset.py", "sample.py", "sample_untrained.py"),
    *("select_best.py", "table.py"),
)
FEW = 4  # files that are named one by one


def prepare_engine(
    workflow: Any, logger: logging.Logger, configuration: Configuration, paths: Paths, rules: Mapping[str, StudyRule]
) -> None:
    """Show progress, warn early, share GPUs, explain unknown targets, tell the report's story, mend faults.

    `workflow` is the engine's, `rules` are those of studies. The faults are the engine's and its plug-ins'.
    Each mending says which series of the engine it is written for, and steps aside with a line for others.
    """
    print_whatever_comes(*(getattr(handler, "stream", None) for handler in logger.handlers))
    for line in [*recipe_warnings(configuration, paths), *weights_missing(configuration, paths)]:
        say(line)
    show_progress(logger, configuration.settings["dataset"]["classes"])
    look_again_once(say)
    end_endless_waits(say)
    if configuration.settings["device"] == "cuda":
        share_gpus(workflow, say)
    fork_from_imports(workflow, configuration.settings["device"], say)
    let_starting_jobs_end(say)  # last, as it is to be a script's first line
    mend_report(say)
    explain_unknown(workflow, configuration, paths)
    prepare_story(rules)


def results_folder(workflow: Any, name: str) -> str:
    """The folder of results: `results/NAME`, below the prefix of a workflow that imports this one as a module.

    The engine puts the prefix before files of rules, but not before what params name, as the store of runs. So the
    prefix becomes a part of the folder here, for all of them, and the engine adds none.
    """
    modifier = workflow.modifier
    folder = modifier.path_modifier.replace_prefix(f"results/{name}/").rstrip("/")
    modifier.path_modifier = type(modifier.path_modifier)(None, None, workflow)
    return folder


def all_cores(workflow: Any, elsewhere: int) -> int:
    """The cores of the machine that runs the jobs; `elsewhere` on a cluster, where the engine knows none."""
    from snakemake.exceptions import WorkflowError

    try:
        return workflow.cores
    except WorkflowError:
        return elsewhere


def share_gpus(workflow: Any, say: Callable[[str], object]) -> None:
    """Have as many jobs that need a GPU run at once as jobs on this machine may use GPUs.

    `--resources gpu=N` says otherwise, and so do executors that start jobs elsewhere. To be called before the engine
    makes its scheduler. With another series of the engine nothing is changed, and `say` says so: more jobs may start
    then than there are GPUs, and wait for one (`netspaces.workflow.one_gpu`).
    """
    elsewhere = workflow.nodes is not None
    if elsewhere or gpus_at_once(workflow) is not None or not fits("snakemake", SERIES, "a limit on jobs per GPU", say):
        return
    with suppress(NoGpu):  # which matters only if something is to be trained
        workflow.register_resource("gpu", len(visible_gpus()))


def fork_from_imports(workflow: Any, device: str, say: Callable[[str], object]) -> None:
    """Have jobs of this machine be forked from processes that have done their imports; trainings only on its CPU.

    Only on Linux. With another series of the engine nothing is changed, and `say` says so.
    """
    here = workflow.nodes is None and sys.platform == "linux"
    if here and fits("snakemake", SERIES, "the forking of jobs", say):
        fork_jobs(ANALYSES, *([TRAINING] if device == "cpu" else []))


def gpus_at_once(workflow: Any) -> int | None:
    """How many GPUs the engine gives to jobs at the same time; None if it does not know."""
    resources = workflow.global_resources
    return resources["gpu"].value if "gpu" in resources else None


def cores_of_job(workflow: Any, wanted: int) -> int:
    """The cores of a job that wants so many: fewer where else GPUs of this machine would have no job for want of cores.

    To be asked when jobs are made, and not for jobs without a GPU.
    """
    gpus = gpus_at_once(workflow)
    if not gpus or workflow.nodes is not None:
        return wanted
    return min(wanted, max(1, workflow.cores // gpus))


def say_done(dag: Any, say: Callable[[str], object]) -> None:
    """Say where that lies which was asked for; nothing of targets that make no files, as `plan`, which say it all."""
    jobs = sorted(dag.targetjobs, key=str)
    files = [str(file) for job in jobs for file in (job.output or job.input)]
    by_folder: dict[str, list[str]] = {}
    for file in files:
        by_folder.setdefault(os.path.dirname(file), []).append(file)
    if files:
        of_many = [
            inside[0] if len(inside) == 1 else f"{os.path.basename(folder)} in {folder}"
            for folder, inside in by_folder.items()
        ]
        say(f"done: {', '.join(files if len(files) < FEW else of_many)}")
