"""Jobs of other people's files: mappings read key by key, and what a job came to, in the columns of our tables."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from netspaces.files import OneLineError
from netspaces.populations.table import MISSING
from netspaces.training.records import DIVERGED, FINISHED


class ImportFileError(OneLineError):
    """A file that is not in the format it is said to be; one line names the file, the job or row, and the key."""


class Job:
    """One job of a file: mappings, read key by key, with errors that say where."""

    def __init__(self, content: object, where: str) -> None:
        self.where = where
        if not isinstance(content, Mapping):
            raise ImportFileError(f"{where}: got {type(content).__name__}, expected keys and values")
        self.content = content

    def part(self, name: str) -> "Job":
        """The mapping under a key."""
        if name not in self.content:
            raise ImportFileError(f"{self.where}: {name} is missing, expected keys and values")
        return Job(self.content[name], f"{self.where}: {name}")

    def number(self, name: str, needed: bool = False) -> float:
        """A number, NaN if it is not there and not needed."""
        value = self.content.get(name)
        if value is None and not needed:
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ImportFileError(f"{self.where}: {name} is {json.dumps(value)[:40]}, expected a number")
        return float(value)

    def numbers(self, name: str) -> list[float]:
        """A list of numbers, empty if it is not there."""
        values = self.content.get(name) or []
        if not isinstance(values, list) or not all(isinstance(value, int | float) for value in values):
            raise ImportFileError(f"{self.where}: {name} is {json.dumps(values)[:40]}, expected a list of numbers")
        return [float(value) for value in values]


def read_jobs(path: Path) -> list[tuple[str, Job]]:
    """(group, job) of a json file: a list of jobs, whose group is empty, or several lists by group."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ImportFileError(f"{path}: not JSON ({error}), expected a list of jobs") from None
    groups = content if isinstance(content, dict) else {"": content}
    if not groups or not all(isinstance(jobs, list) for jobs in groups.values()):
        raise ImportFileError(f"{path}: expected a list of jobs, or lists of jobs by name")
    return [
        (group, Job(job, f"{path}: {f'{group} ' if group else ''}job {i}"))
        for group, jobs in groups.items()
        for i, job in enumerate(jobs)
    ]


def identity(*content: object) -> str:
    """A short hash of what makes a network, or a run, the same as another one."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def per_stage(values: Mapping[str, Iterable[float]]) -> dict[str, float]:
    """Columns depth_1, width_1, ... from lists by name."""
    return {f"{name}_{stage}": value for name, listed in values.items() for stage, value in enumerate(listed, start=1)}


def outcome(
    errors: list[float], least: float, losses: list[float], training_errors: list[float], epochs: float
) -> dict:
    """What a job came to: its status, its errors, and the last epoch's training loss and error.

    `errors`, `losses` and `training_errors` are by epoch, `least` is the smallest error that the file states and
    `epochs` the planned number, each NaN where the file does not say.
    """
    ended = bool(errors) and (math.isnan(epochs) or len(errors) >= epochs)
    known = [error for error in [*errors, least] if math.isfinite(error)]
    if not (ended or (not errors and math.isfinite(least))) or not known:
        status = MISSING
    else:
        status = FINISHED if all(map(math.isfinite, [*losses, *errors])) else DIVERGED
    finite = [error for error in errors if math.isfinite(error)]
    return {
        "status": status,
        "error": finite[-1] if finite else least,
        "error_min": min(known, default=math.nan),
        "epochs": None if math.isnan(epochs) else int(epochs),
        "train_loss": losses[-1] if losses else math.nan,
        "train_error": training_errors[-1] if training_errors else math.nan,
    }
