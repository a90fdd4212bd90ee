"""What is done once, before the first job and after the last: checks of Python, targets and GPUs, notes, leftovers."""

import shlex
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from netspaces.configuration.configuration import OF_NEW_PRESET, Configuration
from netspaces.configuration.errors import ConfigError
from netspaces.files.safe import remove_old_leftovers
from netspaces.spaces.limits import definition_with_limits
from netspaces.workflow.engine import gpus_at_once
from netspaces.workflow.gpus import NoGpu, describe, visible_gpus
from netspaces.workflow.interrupts import interrupted
from netspaces.workflow.made_with import MadeWith
from netspaces.workflow.outcome import say_outcome
from netspaces.workflow.paths import Paths
from netspaces.workflow.progress import say
from netspaces.workflow.resolved import note_run


def before_jobs(workflow: Any, configuration: Configuration, paths: Paths, made_with: MadeWith) -> None:
    """Check targets and GPUs, remember and write what the results are made with, remove what killed writers left.

    `workflow` is the engine's. Raises SystemExit with one line for what is wrong.
    """
    if interrupted():
        raise SystemExit("interrupted")
    rules = {job.rule.name for job in workflow.dag.jobs}
    try:
        check_targets(rules)
        check_new_preset(rules, configuration.settings)
        if workflow.is_main_process:
            say_left_out(configuration.left_out(rules))
        if workflow.is_main_process and workflow.local_exec:
            trained = trained_in(workflow.dag.needrun_jobs())
            if trained and configuration.settings["device"] == "cuda":
                check_gpus(configuration, paths, trained, gpus_at_once(workflow))
    except ConfigError as error:
        raise SystemExit(f"error: {error}") from None
    with disk_errors_in_one_line():
        made_with.remember(rules)
        note_run(workflow.dag, configuration, paths.results, ended=False)
        remove_old_leftovers(paths.results)


def after_jobs(workflow: Any, configuration: Configuration, paths: Paths) -> None:
    """Write that the run has ended well beside its results, and say what it has found.

    Raises SystemExit with one line where that cannot be written.
    """
    with disk_errors_in_one_line():
        note_run(workflow.dag, configuration, paths.results, ended=True)
    say_outcome(workflow.dag, configuration, paths, say)


@contextmanager
def disk_errors_in_one_line() -> Iterator[None]:
    """An OSError, as of a full disk, raises SystemExit with one line instead."""
    try:
        yield
    except OSError as error:
        raise SystemExit(f"error: {error}") from None


def check_interpreter(path: str = sys.executable) -> None:
    """Raise ConfigError for a path that the engine cannot start a job with: it writes it into a shell's command."""
    if shlex.quote(path) != path:
        raise ConfigError(
            f"{path}: jobs cannot be started with a Python in a folder with a space or another special character in "
            "its name: move the project, delete .venv and run make"
        )


def check_targets(rules: Iterable[str]) -> None:
    """Raise ConfigError for other targets beside `plan`: it speaks of `run_studies`, and they would be made."""
    names = set(rules)
    if "plan" in names and len(names) > 1:
        other = min(names - {"plan"})
        raise ConfigError(
            f"plan: got jobs of {other} beside it, which would be run; expected plan alone, and studies that are "
            "meant under run_studies: snakemake plan --config 'run_studies=[STUDY]'"
        )


def check_new_preset(rules: Iterable[str], settings: Mapping) -> None:
    """Raise ConfigError if `new_preset` is asked for without what it needs, or beside something else."""
    names, given = set(rules), [key for key in OF_NEW_PRESET if key in settings]
    typed = "snakemake new_preset --config name=NAME folder=FOLDER (or file=FILE.npz)"
    if "new_preset" not in names:
        if given:
            raise ConfigError(f"{given[0]}: got {settings[given[0]]!r} without new_preset, expected {typed}")
    elif len(names) > 1 or len(given) != 1 or "name" not in settings:
        raise ConfigError(f"new_preset: expected nothing else to make, a name, and a folder or a file: {typed}")


def say_left_out(studies: Collection[str]) -> None:
    """Say in a line which studies of the chapters that are asked for are not made, if any."""
    if studies:
        say(f"left out, as the preset lacks images, regimes, recipes or strides for them: {', '.join(studies)}")


def trained_in(jobs: Iterable[Any]) -> set[str]:
    """The populations whose networks some jobs of the engine train."""
    return {job.wildcards.population for job in jobs if job.rule.name == "train"}


def check_gpus(
    configuration: Configuration, paths: Paths, populations: Iterable[str], at_once: int | None = None
) -> None:
    """Say which GPUs jobs get; raise ConfigError if networks of some populations are to be trained and there is none.

    The store is asked first: jobs that only need records go on. `at_once` limits the jobs that run at the same time.
    """
    try:
        gpus = visible_gpus()
    except NoGpu as error:
        if missing := _networks_to_train(configuration, paths, populations):
            raise ConfigError(
                f"device: got cuda, but {error}, and {missing} networks are to be trained; expected a GPU, or "
                "device: cpu"
            ) from None
    else:
        jobs = min(at_once or len(gpus), len(gpus))
        at_a_time = f"{jobs} job{'s' if jobs > 1 else ''} at a time"
        say(f"{describe(gpus)}, {at_a_time}{', one on each' if len(gpus) > 1 else ''}")


def _networks_to_train(configuration: Configuration, paths: Paths, populations: Iterable[str]) -> int:
    """How many networks of some populations the store does not have."""
    from netspaces.workflow.plan import plan_preset  # pandas, which the workflow itself can do without

    named = {name: configuration.populations[name] for name in sorted(set(populations))}
    limited = {
        name: replace(population, definition=definition_with_limits(population.definition, paths.limits_if_there))
        for name, population in named.items()
    }
    return plan_preset(limited, configuration.settings, paths.results).rows[-1]["to_train"]
