"""Jobs of other people's files: mappings read key by key, and what a job came to, in the columns of our tables."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from netspaces.populations.columns import MISSING
from netspaces.populations.imported_cells import not_finite
from netspaces.populations.imported_files import ImportFileError, read_text
from netspaces.training.records import DIVERGED, FINISHED


class Job:
    """One job of a file: mappings, read key by key, with errors that say where."""

    def __init__(self, content: object, where: str) -> None:
        self.where = where
        if not isinstance(content, Mapping):
            raise ImportFileError(f"{where}: got {type(content).__name__}, expected keys and values")
        self.content = content

    def part(self, name: str, needed: bool = True) -> "Job":
        """The mapping under a key, empty if it is not there and not needed."""
        if name not in self.content and needed:
            raise ImportFileError(f"{self.where}: {name} is missing, expected keys and values")
        return Job(self.content.get(name, {}), f"{self.where}: {name}")

    def number(self, name: str, needed: bool = False) -> float:
        """A number, NaN if it is not there and not needed."""
        value = self.content.get(name)
        if value is None and not needed:
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.unexpected(name, value, "a number")
        if math.isinf(number := _as_float(value)) or (needed and math.isnan(number)):
            raise self.unexpected(name, value, "a finite number")
        return number

    def whole(self, name: str, needed: bool = False) -> int | None:
        """A whole number, None if it is not there and not needed."""
        value = self.number(name, needed)
        if not math.isnan(value) and not value.is_integer():
            raise self.unexpected(name, self.content[name], "a whole number")
        return None if math.isnan(value) else int(value)

    def flag(self, name: str) -> float:
        """A truth value as 0 or 1, NaN if it is not there."""
        value = self.content.get(name)
        if value not in (None, 0, 1):
            raise self.unexpected(name, value, "true or false")
        return math.nan if value is None else float(value)

    def numbers(self, name: str) -> list[float]:
        """A list of numbers, empty if it is not there. What JSON has no number for, null or "NaN", is NaN."""
        values = self.content.get(name) or []
        if not isinstance(values, list):
            raise self.unexpected(name, values, "a list of numbers")
        found = [_listed(value) for value in values]
        if None in found:
            raise self.unexpected(name, values[found.index(None)], "a list of numbers", "has ")
        return [math.nan if value is None else value for value in found]

    def wholes(self, name: str) -> list[int]:
        """A list of whole numbers, empty if it is not there."""
        values = self.numbers(name)
        if wrong := [value for value in values if not value.is_integer()]:
            raise self.unexpected(name, wrong[0], "whole numbers", "has ")
        return [int(value) for value in values]

    def errors(self, name: str) -> list[float]:
        """A list of errors in percent; those that are not finite stay."""
        values = self.numbers(name)
        for value in values:
            if math.isfinite(value) and not 0 <= value <= 100:
                raise self.unexpected(name, value, "percent from 0 to 100", "has ")
        return values

    def unexpected(self, name: str, value: object, expected: str, verb: str = "is ") -> ImportFileError:
        """The error for a value of another kind."""
        try:
            shown = json.dumps(value)[:40]
        except ValueError:  # a whole number of more digits than Python writes
            shown = "a number of thousands of digits"
        return ImportFileError(f"{self.where}: {name} {verb}{shown}, expected {expected}")


def _listed(value: object) -> float | None:
    """An entry of a list of numbers, None if it is none."""
    if value is None:
        return math.nan
    if isinstance(value, str):
        return not_finite(value)
    return _as_float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return math.inf


def read_jobs(path: Path) -> list[tuple[str, Job]]:
    """(group, job) of a json file: a list of jobs, whose group is empty, or several lists by group.

    A job that is null left nothing behind, and is an empty one.
    """
    text = read_text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportFileError(f"{path}: not JSON ({error}), expected a list of jobs") from None
    groups = content if isinstance(content, dict) else {"": content}
    if not groups or not all(isinstance(jobs, list) for jobs in groups.values()):
        raise ImportFileError(f"{path}: expected a list of jobs, or lists of jobs by name")
    return [
        (group, Job({} if job is None else job, f"{path}: {f'{group} ' if group else ''}job {i}"))
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
    where: str,
    errors: Sequence[float],
    losses: Sequence[float],
    *,
    least: float = math.nan,
    early: str | None,
    classes: int | None,
) -> dict:
    """What a job came to: its status, its errors, and why it has no result.

    Parameters
    ----------
    where : the file and the job, for messages.
    errors, losses : by epoch, test errors in percent.
    least : the smallest error that the file states, NaN where it states none.
    early : that the job ended before its last epoch, in words; None if it did not.
    classes : number of classes, for the error of guessing; None if the user has not said it.

    A job with a loss or an error that is not a number diverged, wherever it ended. It counts with the error of guessing
    if `classes` says what that is, else with the errors that it has. Raises ImportFileError if it has none.
    """
    known = [error for error in [*errors, least] if math.isfinite(error)]
    last = errors[-1] if errors else least
    if not all(map(math.isfinite, [*losses, *errors])):
        if classes is None and (early or not math.isfinite(last)):
            expected = "expected classes: the number of classes, for the error of guessing"
            raise ImportFileError(f"{where}: diverged without an error of its last epoch, {expected}")
        if classes is not None:
            known, last = [chance_error(classes)], chance_error(classes)
        reason = "a loss or an error that is not a number"
        return {"status": DIVERGED, "reason": reason, "error": last, "error_min": min(known)}
    if early or not known:
        return {"status": MISSING, "reason": early or "no error", "error": math.nan, "error_min": math.nan}
    return {"status": FINISHED, "reason": None, "error": last, "error_min": min(known)}


def chance_error(classes: int) -> float:
    """The error of guessing, in percent."""
    return 100 * (1 - 1 / classes)
