"""What a run has found, in a few lines at its end: claims by verdict, the best network, what training took."""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
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
    counts = Counter(read_csv(table, "the table of claims", digest_needed=False)["verdict"])
    named = [f"{counts[kind]} {kind}" for kind in VERDICTS if counts[kind]]
    return f"claims: {', '.join(named)}; see {table.with_suffix('.html')}"


def networks_lines(populations: Iterable[str], error: str) -> list[str]:
    """The best network of some populations' tables, and how long all their trainings took; none without a run."""
    import pandas as pd  # here, as most runs of the engine end without it

    tables = [read_parquet(path, "the table of a population", [*COLUMNS, error]) for path in populations]
    table = pd.concat([table[[*COLUMNS, error]] for table in tables]) if tables else pd.DataFrame(columns=[error])
    runs = table.dropna(subset=[error])
    if runs.empty:
        return []
    best = runs.sort_values([error, "population", "index"]).iloc[0]
    diverged = int((runs["status"] == "diverged").sum())
    return [
        f"best network: number {best['index']} of {best['population']}, error {best[error]:.2f} %",
        f"trainings: {len(runs):,} of {len(table):,} networks, {diverged} diverged; together they took "
        f"{duration(float(runs['seconds'].sum()))}",
    ]
