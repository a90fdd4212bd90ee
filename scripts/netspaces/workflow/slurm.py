"""What the SLURM executor would wait for without end: states that no job returns from, jobs that nobody knows any more.

The executor (snakemake-executor-plugin-slurm 2.8) leaves a job alone that was preempted or lost its node, since SLURM
may queue it again, and one that the status query does not list, since it may be too new. Where neither happens it waits
for ever. Here the answers to its queries are put into words that it understands as a failure, which it retries.
"""

import getpass
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from netspaces.workflow.versions import fits

PLUGIN, SERIES = "snakemake_executor_plugin_slurm", "2.8"
NO_RETURN = ("NODE_FAIL", "PREEMPTED", "REVOKED", "SPECIAL_EXIT")
ENDED = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "OUT_OF_MEMORY", "TIMEOUT")
FAILURE = "CANCELLED"  # what the executor is told


class Patience:
    """Reads the job states of successive queries; a job that stays out of reach for two of them has failed."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self.say = say
        self.waiting: set[str] = set()  # jobs listed before that have not ended
        self.suspects: dict[str, str] = {}  # what was wrong with a job at the last query
        self.lost: set[str] = set()
        self.answered = True

    def read(self, states: dict[str, str] | None) -> dict[str, str] | None:
        """The states as the executor should see them; None is a query without an answer."""
        if states is None:
            if self.answered:
                self.say("SLURM does not answer; its jobs go on, and it is asked again until it does")
            self.answered = False
            return None
        self.answered = True
        states = {job: state.split(" by ")[0] for job, state in states.items()}  # CANCELLED by 1000, says sacct
        wrong = {job: state for job, state in states.items() if state in NO_RETURN}
        wrong |= {job: "no longer known to SLURM" for job in self.waiting - set(states)}
        for job, what in wrong.items():
            if job in self.suspects and job not in self.lost:
                self.say(f"SLURM job {job}: {what} and not queued again, so it counts as failed")
                self.lost.add(job)
        self.suspects = wrong
        self.waiting |= {job for job, state in states.items() if state not in (*ENDED, *NO_RETURN)}
        self.waiting -= {job for job, state in states.items() if state in ENDED}
        return states | dict.fromkeys(self.lost & set(wrong), FAILURE)


def other_runs(run: str, folder: Path) -> Counter[str]:
    """Jobs in the queue that an earlier snakemake started from this folder left behind, counted by the run's name."""
    prefix = run.rpartition("_")[0]
    command = ["squeue", "--noheader", "--user", getpass.getuser(), "--format", "%j|%Z"]
    try:
        listed = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=60
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return Counter()
    jobs = (line.strip().rpartition("|") for line in listed.splitlines())
    return Counter(name for name, _, at in jobs if name != run and name.startswith(f"{prefix}_") and at == str(folder))


def end_endless_waits(say: Callable[[str], object]) -> None:
    """Put a `Patience` between the executor, if it is there, and its status queries; says once what else is queued.

    With another series of the executor nothing is changed, and `say` says so.
    """
    plugin: Any = sys.modules.get(PLUGIN)
    if plugin is None or not fits(PLUGIN.replace("_", "-"), SERIES, "an end to endless waits", say):
        return
    patience, query, folder = Patience(say), plugin.query_job_status, Path.cwd()
    told = False

    async def query_job_status(command: str, logger: object) -> tuple[dict[str, str] | None, float | None]:
        nonlocal told
        if not told:
            told = True
            words = shlex.split(command)
            for name, jobs in other_runs(words[words.index("--name") + 1], folder).items():
                say(f"{jobs} jobs of another run are in the queue; if its snakemake is gone: scancel --name {name}")
        states, seconds = await query(command, logger)
        return patience.read(states), seconds

    plugin.query_job_status = query_job_status
