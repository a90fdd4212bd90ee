"""Results outlive the failure of the job that was to replace them.

The engine deletes the outputs of a job before it starts, and again when it fails. So a job that succeeds gives its
tables and figures a second name in the folder `.kept` beside them, a hard link, which takes no space. When a run ends
with failures, results that are gone get their names back, and the engine is told that they are not up to date.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

FOLDER = ".kept"
REMADE = {".json", ".npy", ".jpeg"}
"""Endings of outputs that are not kept: those of training jobs and small ones follow from the store, datasets are kept
by their preparation."""


class Job(Protocol):
    """What is needed of the engine's job."""

    output: Iterable[str]
    is_norun: bool


class Persistence(Protocol):
    """What is needed of the engine's memory: to note that a job has begun and not ended."""

    def started(self, job: Job) -> None:
        """Mark the outputs of a job as incomplete."""


def keep(outputs: Iterable[str | Path]) -> None:
    """Give each output of a job that succeeds its second name; a file system without hard links keeps nothing."""
    for path in map(Path, outputs):
        if path.suffix not in REMADE:
            with suppress(OSError):
                kept = _kept(path)
                kept.parent.mkdir(exist_ok=True)
                temporary = kept.with_name(f".{kept.name}.{os.urandom(8).hex()}")
                os.link(path, temporary)
                os.replace(temporary, kept)
                temporary.unlink(missing_ok=True)  # two names of one file: to rename one to the other does nothing


def restore(jobs: Iterable[Job], persistence: Persistence) -> int:
    """Give results back their names whose jobs failed, and mark these jobs as incomplete; returns how many jobs.

    A job that never succeeded, or of whose outputs one was not kept, is left alone.
    """
    restored = 0
    for job in jobs:
        gone = [] if job.is_norun else [path for path in map(Path, job.output) if not path.exists()]
        if gone and all(_kept(path).exists() for path in gone):
            for path in gone:
                os.link(_kept(path), path)
            persistence.started(job)
            restored += 1
    return restored


def _kept(path: Path) -> Path:
    return path.parent / FOLDER / path.name
