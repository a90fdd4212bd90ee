"""Whether a folder of results still says what was written into it: every file that the workflow reads back is read.

Each kind of file has one reader, which the jobs use too; it raises an error of one line for a file that is damaged.
Figures, tables and logs are for people: nothing reads them, and nothing is checked of them.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from netspaces.cost.coefficients import read_coefficients
from netspaces.data.integrity import check_dataset
from netspaces.data.meta import META, read_meta
from netspaces.files.archive import read_archive
from netspaces.files.safe import DamagedFile, read_json
from netspaces.files.tables import read_csv
from netspaces.populations.finals import check_repetitions, read_final, read_selected
from netspaces.populations.table import check_population, read_collected, read_sampled, read_shard
from netspaces.spaces.limits import read_limits
from netspaces.studies.models import read_evaluated
from netspaces.training.records import RecordError, check_against_store, read_record
from netspaces.training.weights import SUFFIX, read_weights
from netspaces.workflow.paths import BUNDLE


@dataclass(frozen=True)
class Kind:
    """A kind of file: where such files lie below a folder of results, and what reads one whole."""

    name: str
    patterns: tuple[str, ...]
    read: Callable[[Path], object]

    def files(self, results: Path) -> list[Path]:
        """The files of this kind, in the order of their names."""
        return sorted({path for pattern in self.patterns for path in results.glob(pattern)})


def _dataset(meta: Path) -> object:
    check_dataset(meta.parent, whole=True)
    return read_meta(meta)


def _checkpoint(path: Path) -> object:
    from netspaces.training.checkpoints import read  # torch, which nothing else here needs

    return read(path)


def _weights(path: Path) -> object:
    with suppress(FileNotFoundError, RecordError):  # of a run that has not ended, or whose record is a line of its own
        return read_weights(path, read_record(path.with_suffix(".json")))
    return read_weights(path)


def _shard(path: Path) -> object:
    """The output of a training job, whose name says among which networks its share is."""
    networks = read_shard(path, path.parent.name)
    first, _, last = path.stem.partition("_")[0].partition("-")
    for index, _ in networks:
        if not int(first) <= index <= int(last or first):
            raise DamagedFile(path, f"it holds network {index}, expected those of job {path.stem}")
    for index, record in networks:
        check_against_store(record, path.parents[2] / "runs", path, f"network {index}: ")
    return networks


def _final(path: Path) -> object:
    """A repetition: of the network that was selected, and no other repetition's run."""
    results = path.parents[2]
    record = read_final(path, results / "runs")
    if (selected := results / "selected" / f"{path.parent.name}.json").exists():
        files: list[str | Path] = sorted(path.parent.glob("*.json"))
        records = {file: read_final(file, results / "runs") for file in files}
        check_repetitions(read_selected(selected), records)
    return record


def _table(path: Path) -> object:
    return read_csv(path, "a table of the workflow")


def _table_of_population(path: Path) -> object:
    table = read_csv(path, "a table of the workflow", ["population"])
    check_population(path, table["population"])
    return table


def _acceptance(path: Path) -> object:
    """What drawing a population's first networks took; files of earlier versions do not say of which population."""
    found = read_json(path, "how many draws were accepted", ["networks", "draws"])
    check_population(path, [found.get("population", path.stem)])
    return found


def _bundle(path: Path) -> object:
    return read_archive(path, "a bundle")


def _json(path: Path) -> object:
    return read_json(path, "what the workflow wrote")


KINDS = (
    Kind("datasets", (f"*/{META}",), _dataset),
    Kind("run records", ("runs/*.json",), read_record),
    Kind("weights", (f"runs/*{SUFFIX}",), _weights),
    Kind("checkpoints", ("runs/*.checkpoint",), _checkpoint),
    Kind("outputs of training jobs", ("trained/*/*.json",), _shard),
    Kind("records of final trainings", ("finals/*/*.json",), _final),
    Kind("tables of sampled networks", ("sampled/*.csv",), read_sampled),
    Kind("tables of populations", ("populations/*.parquet", "preview/populations/*.parquet"), read_collected),
    Kind(
        "the same as CSV, and of top models",
        ("populations/*.csv", "preview/populations/*.csv", "finals/*.csv"),
        _table_of_population,
    ),
    Kind("acceptance of draws", ("acceptance/*.json",), _acceptance),
    Kind("other tables", ("times*/*.csv", "evaluation/*.csv"), _table),
    Kind("selected networks", ("selected/*.json",), read_selected),
    Kind("limits on complexity", ("limits.json",), read_limits),
    Kind("fitted costs", ("cost.json",), read_coefficients),
    Kind("evaluated models", ("evaluation/*.json",), read_evaluated),
    Kind("bundles", (f"*{BUNDLE}",), _bundle),
    Kind("other JSON files", ("made_with.json", "cluster/*.json"), _json),
)


@dataclass(frozen=True)
class Verification:
    """How many files of each kind were read, and a line for each that is damaged."""

    counts: dict[str, int]
    damaged: list[str]

    def __str__(self) -> str:
        counts = [f"{n:>9,} {kind}" for kind, n in self.counts.items() if n]
        return "\n".join([*counts, f"{sum(self.counts.values()):>9,} files read, {len(self.damaged)} of them damaged"])


def verify(results: str | Path) -> Verification:
    """Read every file of a folder of results that the workflow reads back; changes nothing."""
    counts: dict[str, int] = {}
    damaged: dict[Path, str] = {}  # once each, though others may be compared with it
    for kind in KINDS:
        files = kind.files(Path(results))
        counts[kind.name] = len(files)
        for path in files:
            try:
                kind.read(path)
            except Exception as error:  # whatever a damaged file does to its reader
                said = " ".join((str(error) or type(error).__name__).split())
                culprit = error.path if isinstance(error, DamagedFile) else path
                damaged.setdefault(culprit, said if str(culprit.parent) in said else f"{path}: {said}")
    return Verification(counts, list(damaged.values()))
