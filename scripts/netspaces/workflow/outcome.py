"""What a run has found, in a few lines at its end: claims by verdict, the best network, what training took."""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netspaces.configuration.configuration import Configuration
from netspaces.files.safe import DamagedFile
from netspaces.files.tables import read_csv, read_parquet
from netspaces.studies.claims.claim import VERDICTS
from netspaces.workflow.paths import Paths
from netspaces.workflow.progress import duration
from netspaces.workflow.study_rules import CLAIMS

COLUMNS = ["population", "index", "status", "seconds"]


@dataclass(frozen=True)
class Trainings:
    """What the tables of some populations say of their trainings."""

    best: str  # the best network, and its error in %
    runs: int
    planned: int
    diverged: int
    seconds: float  # of all trainings together
    devices: tuple[str, ...]  # that are known


def say_outcome(dag: Any, configuration: Configuration, paths: Paths, say: Callable[[str], object]) -> None:
    """Say what a run has found, if the table of claims was asked for; what cannot be read is not said."""
    table = Path(paths.studies("table", [CLAIMS])[1])
    asked = {str(file) for job in dag.targetjobs for file in (*job.output, *job.input)}
    if str(table) not in asked:
        return
    with suppress(DamagedFile, OSError, KeyError, ValueError):
        own = [name for name in configuration.run_populations if name in configuration.populations]
        error = configuration.settings["statistics"]["error"]
        lines = [claims_line(table), *networks_lines(paths.populations(own), error)]
        for line in lines:
            say(line)


def claims_line(table: Path) -> str:
    """How many claims have which verdict, in a line."""
    counts = verdict_counts(read_csv(table, "the table of claims", digest_needed=False)["verdict"])
    named = [f"{count} {kind}" for kind, count in counts.items()]
    return f"claims: {', '.join(named)}; see {table.with_suffix('.html')}"


def verdict_counts(verdicts: Iterable[str]) -> dict[str, int]:
    """How many claims have which verdict, the decided ones first; none that no claim has."""
    counts = Counter(verdicts)
    return {kind: counts[kind] for kind in VERDICTS if counts[kind]}


def trainings(populations: Iterable[str], error: str) -> Trainings | None:
    """What the files of some populations, at least one, say of their trainings; None where no network has a run."""
    import pandas as pd  # here, as most runs of the engine end without it

    tables = [read_parquet(path, "the table of a population", [*COLUMNS, error]) for path in populations]
    kept = [*COLUMNS, error, "device"]
    table = pd.concat([table[table.columns.intersection(kept)] for table in tables])
    runs = table.dropna(subset=[error])
    if runs.empty:
        return None
    best = runs.sort_values([error, "population", "index"]).iloc[0]
    devices = sorted(map(str, runs["device"].dropna().unique())) if "device" in runs else ()
    return Trainings(
        best=f"number {best['index']} of {best['population']}, error {best[error]:.2f} %",
        runs=len(runs),
        planned=len(table),
        diverged=int((runs["status"] == "diverged").sum()),
        seconds=float(runs["seconds"].sum()),
        devices=tuple(devices),
    )


def networks_lines(populations: Iterable[str], error: str) -> list[str]:
    """The best network of some populations' tables, and how long all their trainings took; none without a run."""
    if not (files := list(populations)) or (trained := trainings(files, error)) is None:
        return []
    return [
        f"best network: {trained.best}",
        f"trainings: {trained.runs:,} of {trained.planned:,} networks, {trained.diverged} diverged; together they took "
        f"{duration(trained.seconds)}",
    ]
