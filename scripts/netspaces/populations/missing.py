"""Which runs of a configuration are missing, and why: what the logs of their jobs, and SLURM's, said last."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netspaces.files.safe import without_numbers
from netspaces.training.records import DIVERGED, RecordError, read_record

NOT_STARTED = "not started"
NOT_ENDED = "started, no error so far"
EXCEPTION = re.compile(r"^[\w.]*(?:Error|Exception|Interrupted|SystemExit|KeyboardInterrupt)\b")
SLURM_SAYS = re.compile(r"^(?:slurmstepd|srun|sbatch|slurmd)\b.*(?:CANCELLED|exceeded|oom|killed|fail)", re.IGNORECASE)


@dataclass(frozen=True)
class Missing:
    """A run without a record: why, and the logs that say more."""

    population: str
    index: int
    reason: str
    logs: tuple[Path, ...] = ()

    def __str__(self) -> str:
        logs = "; see " + ", ".join(map(str, self.logs)) if self.logs else ""
        return f"{self.population} {self.index}: {self.reason}{logs}"


@dataclass(frozen=True)
class Logs:
    """Where training jobs leave their logs: the workflow's folder, with one per job, and SLURM's."""

    workflow: Path
    slurm: Path

    def of(self, population: str, shard: str) -> tuple[Path | None, Path | None]:
        """The job's own log and SLURM's last one, those that exist."""
        own = self.workflow / population / f"{shard}.log"
        slurm = sorted((self.slurm / f"{population}_{shard}").glob("*.log"), key=lambda path: path.stat().st_mtime)
        return own if own.exists() else None, slurm[-1] if slurm else None


def last_error(text: str, index: int | None = None) -> str | None:
    """The last line of a log that names an exception; with `index`, of what it says after that network failed."""
    if index is not None:
        section = re.search(rf"^network {index}: failed\n(.*?)(?=^network \d+: |\Z)", text, re.DOTALL | re.MULTILINE)
        text = section[1] if section else ""
    lines = [line.strip() for line in text.splitlines() if EXCEPTION.match(line)]
    return lines[-1] if lines else None


def slurm_error(text: str) -> str | None:
    """What SLURM wrote into a job's log when it ended it: time limit, memory, cancelled, preempted, node lost."""
    lines = [line.strip() for line in text.splitlines() if SLURM_SAYS.match(line)]
    causes = [line for line in lines if "DUE TO" in line or "memory" in line.lower() or "oom" in line.lower()]
    return next(reversed(causes or lines), None)


def reason(index: int, own: Path | None, slurm: Path | None) -> str:
    """Why a run is missing, from its job's logs."""
    text = own.read_text(encoding="utf-8", errors="replace") if own else ""
    if (error := last_error(text, index)) is not None:
        return error
    if slurm and (error := slurm_error(slurm.read_text(encoding="utf-8", errors="replace"))) is not None:
        return error
    if (error := last_error(text)) is not None and f"network {index}: " not in text:
        return error
    if slurm and (error := last_error(slurm.read_text(encoding="utf-8", errors="replace"))) is not None:
        return error
    return NOT_ENDED if own or slurm else NOT_STARTED


def look(
    population: str, shards: Mapping[str, Sequence[int]], runs: Mapping[int, str], store: Path, logs: Logs
) -> Iterator[Missing | str]:
    """What became of each run of a population: its status, or that it is missing. `runs` has the keys by index."""
    for shard, indices in shards.items():
        own, slurm = logs.of(population, shard)
        there = tuple(path for path in (own, slurm) if path)
        for index in indices:
            try:
                yield read_record(store / f"{runs[index]}.json")["status"]
            except FileNotFoundError:
                yield Missing(population, index, reason(index, own, slurm), there)
            except RecordError as error:
                yield Missing(population, index, f"RecordError: {error}", there)


def report(runs: Iterable[Missing | str]) -> list[str]:
    """Lines for people: counts, counts by cause, and of each cause the first run that failed and which others did.

    Runs that were not started are only counted.
    """
    runs = list(runs)
    missing = [run for run in runs if isinstance(run, Missing)]
    statuses = Counter(run for run in runs if not isinstance(run, Missing))
    diverged = f", {statuses[DIVERGED]} of them diverged" if statuses[DIVERGED] else ""
    lines = [f"{statuses.total()} of {len(runs)} runs are done{diverged}; {len(missing)} missing"]
    alike: dict[str, list[Missing]] = {}
    for run in missing:
        alike.setdefault(without_numbers(run.reason)[:160], []).append(run)
    lines += [f"{len(runs):6} {cause}" for cause, runs in sorted(alike.items(), key=lambda item: -len(item[1]))]
    for first, *more in alike.values():
        if first.reason != NOT_STARTED:
            lines += [str(first)] + [f"  {len(more)} more like it: {_places(more)}"] * bool(more)
    return lines


def _places(runs: Iterable[Missing]) -> str:
    """The networks of some runs, by population, neighbours as a range: `A 1-3 7, B 0`."""
    ranges: dict[str, list[list[int]]] = {}
    for run in runs:
        found = ranges.setdefault(run.population, [])
        if found and found[-1][-1] == run.index - 1:
            found[-1] = [found[-1][0], run.index]
        else:
            found.append([run.index])
    return ", ".join(" ".join([name, *("-".join(map(str, each)) for each in found)]) for name, found in ranges.items())
