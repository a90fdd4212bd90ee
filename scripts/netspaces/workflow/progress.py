"""Progress in the terminal: networks trained of how many, time left, and one line per failed job.

A logging handler on the engine's own events, so it works with every executor and needs no terminal tricks.
"""

import atexit
import logging
import math
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from netspaces.files.safe import without_numbers
from netspaces.populations.missing import last_error
from netspaces.workflow.early_warnings import FirstNetworks
from netspaces.workflow.interrupts import interrupted, wait_for_jobs
from netspaces.workflow.repeated import count_repeated

EVERY_SECONDS = 15.0
A_MOMENT, A_WHILE = 0.2, 5.0  # seconds
ON_SIGINT, ON_SIGTERM = "Terminating processes on user request", "Will exit after finishing currently running jobs"
"""How what the engine says of these signals begins."""

TERMINAL = "DefaultStreamHandler"
"""Name of the engine's handler that writes to the terminal; there is none where a plug-in (`--logger`) does that."""

OF_FAILED_JOBS = ("RuleException", "CalledProcessError", "WorkflowError")
"""How what the engine says of failed jobs begins; after Ctrl-C, they are those that were told to stop."""


class TrainingProgress(logging.Handler):
    """Prints a line every `EVERY_SECONDS` while jobs of `rule` run; other jobs show when none of those is left.

    Until then, pictures are named when they are drawn. A `silent` one only knows of signals what jobs need.
    """

    def __init__(self, rule: str = "train", first: FirstNetworks | None = None, silent: bool = False) -> None:
        super().__init__()
        self.rule, self.total = rule, 0
        self.first = first
        self.silent = silent
        self.outputs: dict[int, tuple[str, str]] = {}  # of jobs of the rule: population and file, by job id
        self.pictures: dict[int, str] = {}  # of jobs that draw, by job id
        self.names: dict[int, str] = {}  # of the jobs that have started, by job id
        self.training: set[int] = set()
        self.done: set[int] = set()
        self.failed: set[int] = set()  # and not started again
        self.alike: Counter[str] = Counter()  # failures by what they share
        self.started, self.shown = math.inf, -math.inf
        self.interrupted = False  # by a signal, after which every job that ends early counts as failed for the engine

    def trains(self, rule: str) -> bool:
        """Whether a rule is that of training; a workflow that imports this one puts a prefix before its name."""
        return rule == self.rule or rule.endswith(f"_{self.rule}")

    def say(self, text: str) -> None:
        """One line, unless another handler has the terminal."""
        if not self.silent:
            say(text)

    @property
    def left(self) -> int:
        """Jobs of the rule that are still to end."""
        return max(self.total - len(self.done) - len(self.failed), 0)

    def emit(self, record: logging.LogRecord) -> None:
        """Count the event of one log record; trouble here must not stop the engine."""
        try:
            self.count(record)
        except Exception:
            self.handleError(record)

    def count(self, record: Any) -> None:
        """Count the event of one log record, if it is one: the engine gives such records attributes of their own."""
        self.interrupted |= str(record.msg).startswith((ON_SIGINT, ON_SIGTERM))
        if str(record.msg).startswith(ON_SIGINT):
            wait_for_jobs()
        match getattr(record, "event", None):
            case LogEvent.RUN_INFO:
                self.total = sum(jobs for rule, jobs in record.stats.items() if self.trains(rule))
            case LogEvent.JOB_INFO:
                self.start(record)
            case LogEvent.JOB_FINISHED if record.job_id in self.training:
                self.done.add(record.job_id)
                self.show()
                self.look(record.job_id)
            case LogEvent.JOB_FINISHED if record.job_id in self.pictures and self.left:
                self.say(f"drawn: {self.pictures[record.job_id]}")
            case LogEvent.JOB_ERROR:
                self.fail(record)

    def start(self, record: Any) -> None:
        """A job starts, perhaps once more."""
        self.names[record.jobid] = " ".join([record.rule_name, *dict(record.wildcards or {}).values()])
        if self.trains(record.rule_name):
            self.started = min(self.started, time.monotonic())
            self.training.add(record.jobid)
            self.failed.discard(record.jobid)
            for output in getattr(record, "output", None) or ():
                self.outputs[record.jobid] = (str(dict(record.wildcards).get("population")), output)
        elif not self.left:
            self.say(self.names[record.jobid])
        else:
            for output in getattr(record, "output", None) or ():
                if str(output).endswith(".png"):
                    self.pictures[record.jobid] = str(output)

    def look(self, job: int) -> None:
        """Look at what a training job wrote: the first networks of a population may be worth a line."""
        output = self.outputs.pop(job, None)
        if self.first and output and (line := self.first.add(*output)):
            self.say(line)

    def fail(self, record: Any) -> None:
        """A job has failed: a line, unless one of its rule has failed alike before; such failures are counted."""
        self.failed.update(self.training & {record.jobid})
        if self.interrupted:
            return
        logs = [Path(str(log)) for log in record.log or []]
        why = because(getattr(record, "rule_msg", None) or "")
        shared = without_numbers(f"{record.rule_name}{why} {next(filter(None, map(end_of, logs)), '')}")
        self.alike[shared] += 1
        if self.alike[shared] == 1:
            time.sleep(A_MOMENT)  # Ctrl-C may reach a job before it reaches this process
            self.interrupted |= interrupted(A_WHILE)
        if self.alike[shared] == 1 and not self.interrupted:
            see = f"; see {', '.join(map(str, logs))}" if logs else ""
            self.say(f"FAILED: {self.names.get(record.jobid, record.rule_name)}{why}{see}")

    def conclude(self) -> None:
        """Say how many failures were like one before them; for the end."""
        if more := self.alike.total() - len(self.alike):
            self.say(f"FAILED: {more} more times like these; `snakemake failures` lists what is missing")

    def show(self) -> None:
        """Print the count and the time left, at most every `EVERY_SECONDS` and at the end."""
        now = time.monotonic()
        if now - self.shown < EVERY_SECONDS and self.left:
            return
        self.shown = now
        each = (now - self.started) / len(self.done)
        failed = f", {len(self.failed)} failed" if self.failed else ""
        done = f"training jobs: {len(self.done)} of {self.total} done{failed}"
        self.say(f"{done}, {rate(each)}, about {duration(each * self.left)} left")


def show_progress(logger: logging.Logger, classes: int) -> None:
    """Attach `TrainingProgress` to the engine's logger; it replaces the lines that the engine prints for every job.

    Where a plug-in of the engine writes to the terminal, as with `--logger rich`, it is told all and we print nothing.
    What jobs say alike is counted too (`netspaces.workflow.repeated`). `classes` are those of the preset's images.
    """
    terminal = [handler for handler in logger.handlers if handler.name == TERMINAL]
    progress = TrainingProgress(first=FirstNetworks(classes), silent=not terminal)

    def is_not_of_one_job(record: logging.LogRecord) -> bool:
        per_job = str(record.msg).startswith(("Select jobs to execute", "Execute "))
        per_job |= (progress.interrupted or interrupted(A_WHILE)) and str(record.msg).startswith(OF_FAILED_JOBS)
        return not per_job and getattr(record, "event", None) not in (LogEvent.PROGRESS, LogEvent.JOB_FINISHED)

    for handler in terminal:
        handler.addFilter(is_not_of_one_job)
    logger.addHandler(progress)
    atexit.register(progress.conclude)
    count_repeated(say)


def end_of(log: Path) -> str | None:
    """The last error that a job's log names; None if there is none, or no log."""
    try:
        return last_error(log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def because(message: str) -> str:
    """What an executor says of a failed job, as the rest of a line; without the command that it typed."""
    cause = " ".join(re.split(r"Detailed failure reason|sbatch call:", message)[0].split())
    return f": {cause.rstrip('.')}" if cause else ""


def duration(seconds: float) -> str:
    """Seconds as people say them: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def rate(seconds: float) -> str:
    """How many there are if one takes so many seconds, as people say it: 29 a minute, 3.2 an hour."""
    number, span = (60 / max(seconds, 1e-3), "a minute") if seconds < 30 else (3600 / seconds, "an hour")
    return f"{number:.{0 if number >= 10 else 1}f} {span}"


def say(text: str) -> None:
    """One line on stderr, at once."""
    print(text, file=sys.stderr, flush=True)
