"""What this workflow does to the engine: lines in the terminal, mended faults, and use as a module by others."""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from netspaces.configuration.configuration import Configuration
from netspaces.workflow.early_warnings import recipe_warnings
from netspaces.workflow.interrupts import let_starting_jobs_end
from netspaces.workflow.paths import Paths
from netspaces.workflow.progress import say, show_progress
from netspaces.workflow.report import make_texts_harmless
from netspaces.workflow.scheduling import look_again_once
from netspaces.workflow.slurm import end_endless_waits
from netspaces.workflow.story import prepare_story
from netspaces.workflow.study_rules import StudyRule
from netspaces.workflow.targets import explain_unknown

FEW = 4  # files that are named one by one


def prepare_engine(
    workflow: Any, logger: logging.Logger, configuration: Configuration, paths: Paths, rules: Mapping[str, StudyRule]
) -> None:
    """Show progress, warn of recipes early, explain unknown targets, give the report its story, mend faults.

    `workflow` is the engine's, `rules` are those of studies. The faults are the engine's and its plug-ins'.
    Each mending says which series of the engine it is written for, and steps aside with a line for others.
    """
    for line in recipe_warnings(configuration, paths):
        say(line)
    show_progress(logger, configuration.settings["dataset"]["classes"])
    look_again_once(say)
    end_endless_waits(say)
    let_starting_jobs_end(say)
    make_texts_harmless(say)
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


def say_done(dag: Any, say: Callable[[str], object]) -> None:
    """Say where that lies which was asked for; nothing of targets that make no files, as `plan`, which say it all."""
    jobs = sorted(dag.targetjobs, key=str)
    files = [str(file) for job in jobs for file in (job.output or job.input)]
    folders = dict.fromkeys(os.path.dirname(file) for file in files)
    if files:
        places = files if len(files) < FEW else [f"{os.path.basename(folder)} in {folder}" for folder in folders]
        say(f"done: {', '.join(places)}")
