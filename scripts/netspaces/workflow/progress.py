"""Progress in the terminal: networks trained of how many, time left, and one line per failed job.

A logging handler on the engine's own events, so it works with every executor and needs no terminal tricks.
"""

import logging
import math
import re
import sys
import time
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

EVERY_SECONDS = 15.0


class TrainingProgress(logging.Handler):
    """Prints a line every `EVERY_SECONDS` while jobs of `rule` run; other jobs show when none of those is left."""

    def __init__(self, rule: str = "train") -> None:
        super().__init__()
        self.rule, self.total = rule, 0
        self.names: dict[int, str] = {}  # of the jobs that have started, by job id
        self.training: set[int] = set()
        self.done: set[int] = set()
        self.failed: set[int] = set()  # and not started again
        self.started, self.shown = math.inf, -math.inf

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
        match getattr(record, "event", None):
            case LogEvent.RUN_INFO:
                self.total = record.stats.get(self.rule, 0)
            case LogEvent.JOB_INFO:
                self.start(record)
            case LogEvent.JOB_FINISHED if record.job_id in self.training:
                self.done.add(record.job_id)
                self.show()
            case LogEvent.JOB_ERROR:
                self.failed.update(self.training & {record.jobid})
                log = ", ".join(map(str, record.log or []))
                why = because(getattr(record, "rule_msg", None) or "")
                say(f"FAILED: {self.names.get(record.jobid, record.rule_name)}{why}" + (f"; see {log}" if log else ""))

    def start(self, record: Any) -> None:
        """A job starts, perhaps once more."""
        self.names[record.jobid] = " ".join([record.rule_name, *dict(record.wildcards or {}).values()])
        if record.rule_name == self.rule:
            self.started = min(self.started, time.monotonic())
            self.training.add(record.jobid)
            self.failed.discard(record.jobid)
        elif not self.left:
            say(self.names[record.jobid])

    def show(self) -> None:
        """Print the count and the time left, at most every `EVERY_SECONDS` and at the end."""
        now = time.monotonic()
        if now - self.shown < EVERY_SECONDS and self.left:
            return
        self.shown = now
        seconds = (now - self.started) / len(self.done) * self.left
        failed = f", {len(self.failed)} failed" if self.failed else ""
        say(f"training jobs: {len(self.done)} of {self.total} done{failed}, about {duration(seconds)} left")


def show_progress(logger: logging.Logger) -> None:
    """Attach `TrainingProgress` to the engine's logger; it replaces the lines that the engine prints for every job."""

    def is_not_of_one_job(record: logging.LogRecord) -> bool:
        per_job = str(record.msg).startswith(("Select jobs to execute", "Execute "))
        return not per_job and getattr(record, "event", None) not in (LogEvent.PROGRESS, LogEvent.JOB_FINISHED)

    for handler in logger.handlers:
        handler.addFilter(is_not_of_one_job)
    logger.addHandler(TrainingProgress())


def because(message: str) -> str:
    """What an executor says of a failed job, as the rest of a line; without the command that it typed."""
    cause = " ".join(re.split(r"Detailed failure reason|sbatch call:", message)[0].split())
    return f": {cause.rstrip('.')}" if cause else ""


def duration(seconds: float) -> str:
    """Seconds as people say them: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def say(text: str) -> None:
    """One line on stderr, at once."""
    print(text, file=sys.stderr, flush=True)
