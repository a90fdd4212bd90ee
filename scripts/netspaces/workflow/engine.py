"""What this workflow does to the engine: lines in the terminal, mended faults, and use as a module by others."""

import logging
from typing import Any

from netspaces.workflow.progress import say, show_progress
from netspaces.workflow.report import make_texts_harmless
from netspaces.workflow.scheduling import look_again_once
from netspaces.workflow.slurm import end_endless_waits


def prepare_engine(logger: logging.Logger) -> None:
    """Show progress, and mend those faults of the engine and its plug-ins that this workflow runs into.

    Each mending says which series of the engine it is written for, and steps aside with a line for others.
    """
    show_progress(logger)
    look_again_once(say)
    end_endless_waits(say)
    make_texts_harmless(say)


def results_folder(workflow: Any, name: str) -> str:
    """The folder of results: `results/NAME`, below the prefix of a workflow that imports this one as a module.

    The engine puts the prefix before files of rules, but not before what params name, as the store of runs. So the
    prefix becomes a part of the folder here, for all of them, and the engine adds none.
    """
    from snakemake.path_modifier import PathModifier

    modifier = workflow.modifier
    folder = modifier.path_modifier.replace_prefix(f"results/{name}/").rstrip("/")
    modifier.path_modifier = PathModifier(None, None, workflow)
    return folder
