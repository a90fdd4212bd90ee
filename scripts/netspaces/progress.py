"""Progress in the terminal: networks trained of how many, time left, and one line per failed job.

A logging handler on the engine's own events, so it works with every executor and needs no terminal tricks.
"""

import logging
import sys
import time

from snakemake_interface_logger_plugins.common import LogEvent

EVERY_SECONDS = 15.0


class TrainingProgress(logging.Handler):
    """Prints a line every `EVERY_SECONDS` while jobs of `rule` run; other jobs show when none of those is left."""

    def __init__(self, rule: str = "train") -> None:
        super().__init__()
        self.rule, self.total, self.done, self.failed = rule, 0, 0, 0
        self.jobs: dict[int, str] = {}
        self.started = self.shown = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Count the event of one log record."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self.total = record.stats.get(self.rule, 0)
        elif event == LogEvent.JOB_INFO:
            self.jobs[record.jobid] = record.rule_name
            self.started = self.started or time.monotonic() if record.rule_name == self.rule else self.started
            if record.rule_name != self.rule and self.done + self.failed >= self.total:
                wildcards = " ".join(dict(record.wildcards or {}).values())
                say(f"{record.rule_name} {wildcards}".rstrip())
        elif event == LogEvent.JOB_FINISHED and self.jobs.get(record.job_id) == self.rule:
            self.done += 1
            self.show()
        elif event == LogEvent.JOB_ERROR:
            self.failed += self.jobs.get(record.jobid) == self.rule
            wildcards = " ".join(dict(getattr(record, "wildcards", None) or {}).values())
            log = ", ".join(map(str, getattr(record, "log", None) or []))
            say(f"FAILED: {record.rule_name} {wildcards}".rstrip() + (f"; see {log}" if log else ""))

    def show(self) -> None:
        """Print the count and the time left, at most every `EVERY_SECONDS` and at the end."""
        now = time.monotonic()
        if now - self.shown < EVERY_SECONDS and self.done < self.total:
            return
        self.shown = now
        left = (now - self.started) / self.done * max(self.total - self.done - self.failed, 0)
        failed = f", {self.failed} failed attempts" if self.failed else ""
        say(f"training jobs: {self.done} of {self.total} done{failed}, about {duration(left)} left")


def show_progress(logger: logging.Logger) -> None:
    """Attach `TrainingProgress` to the engine's logger; it replaces the lines that the engine prints for every job."""

    def told_otherwise(record: logging.LogRecord) -> bool:
        per_job = str(record.msg).startswith(("Select jobs to execute", "Execute "))
        return not per_job and getattr(record, "event", None) not in (LogEvent.PROGRESS, LogEvent.JOB_FINISHED)

    for handler in logger.handlers:
        handler.addFilter(told_otherwise)
    logger.addHandler(TrainingProgress())


def duration(seconds: float) -> str:
    """Seconds as people say them: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def say(text: str) -> None:
    """One line on stderr, at once."""
    print(text, file=sys.stderr, flush=True)
