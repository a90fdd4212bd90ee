"""What the SLURM executor would wait for without end: states that no job returns from, jobs that nobody knows any more.

The executor (snakemake-executor-plugin-slurm 2.8) leaves a job alone that was preempted or lost its node, since SLURM
may queue it again, and one that the status query does not list, since it may be too new. Where neither happens it waits
for ever. Here the answers to its queries are put into words that it understands as a failure, which it retries.
"""

import getpass
import math
import shlex
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from netspaces.workflow.versions import fits

PLUGIN, SERIES = "snakemake_executor_plugin_slurm", "2.8"
NO_RETURN = ("NODE_FAIL", "PREEMPTED", "REVOKED", "SPECIAL_EXIT")
ENDED = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "OUT_OF_MEMORY", "TIMEOUT")
LATE = 300.0  # seconds in the queue after which a job's reason is said
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


class Queue:
    """Watches jobs that stay PENDING; some minutes after their submission it says why they do, once for each reason.

    Parameters
    ----------
    say : takes a line.
    reasons : gives SLURM's reason by job, of those that wait.
    """

    def __init__(self, say: Callable[[str], object], reasons: Callable[[], Mapping[str, str]]) -> None:
        self.say, self.reasons = say, reasons
        self.since: dict[str, float] = {}  # when a job was first seen to wait
        self.told: set[str] = set()
        self.asked = -math.inf

    def look(self, states: Mapping[str, str], now: float) -> None:
        """Take in the states of a query at a time in seconds; SLURM is asked for reasons every five minutes at most."""
        self.since = {job: self.since.get(job, now) for job, state in states.items() if state == "PENDING"}
        late = [job for job, since in self.since.items() if now - since >= LATE]
        if not late or now - self.asked < LATE:
            return
        self.asked, reasons = now, self.reasons()
        for reason, jobs in Counter(reasons[job] for job in late if job in reasons).items():
            if reason not in (*self.told, "None"):
                self.told.add(reason)
                self.say(f"{jobs} SLURM jobs wait for {LATE / 60:.0f} minutes or more; SLURM's reason: {reason}")


def listed(*options: str) -> list[str]:
    """The lines of `squeue` for the jobs of this user; none if it does not answer."""
    command = ["squeue", "--noheader", "--user", getpass.getuser(), *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=60)
        return done.stdout.splitlines()
    except (OSError, subprocess.TimeoutExpired):
        return []


def pending_reasons(run: str) -> dict[str, str]:
    """Why the jobs of a run wait, by job."""
    lines = listed("--states", "PENDING", "--name", run, "--format", "%i|%r")
    return {job: reason for job, _, reason in (line.strip().partition("|") for line in lines)}


def other_runs(run: str, folder: Path) -> Counter[str]:
    """Jobs in the queue that an earlier snakemake started from this folder left behind, counted by the run's name."""
    prefix = run.rpartition("_")[0]
    jobs = (line.strip().rpartition("|") for line in listed("--format", "%j|%Z"))
    return Counter(name for name, _, at in jobs if name != run and name.startswith(f"{prefix}_") and at == str(folder))


def end_endless_waits(say: Callable[[str], object]) -> None:
    """Put a `Patience` between the executor, if it is there, and its status queries, and a `Queue` beside it.

    The first query also says what else is queued. With another series of the executor nothing is changed, and `say`
    says so.
    """
    plugin: Any = sys.modules.get(PLUGIN)
    if plugin is None or not fits(PLUGIN.replace("_", "-"), SERIES, "an end to endless waits", say):
        return
    patience, query, folder = Patience(say), plugin.query_job_status, Path.cwd()
    queues: dict[str, Queue] = {}  # by the name of the run, which the first query tells

    async def query_job_status(command: str, logger: object) -> tuple[dict[str, str] | None, float | None]:
        words = shlex.split(command)
        run = words[words.index("--name") + 1]
        if run not in queues:
            queues[run] = Queue(say, partial(pending_reasons, run))
            for name, jobs in other_runs(run, folder).items():
                say(f"{jobs} jobs of another run are in the queue; if its snakemake is gone: scancel --name {name}")
        states, seconds = await query(command, logger)
        if states is not None:
            queues[run].look(states, time.monotonic())
        return patience.read(states), seconds

    plugin.query_job_status = query_job_status
