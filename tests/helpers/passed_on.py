"""A small folder of finished results to be packed and compared: real networks, invented errors, no training."""

from pathlib import Path

import pandas as pd
from netspaces.bundles.contents import Results
from netspaces.data.meta import checksum_of
from netspaces.files.safe import write_text
from netspaces.files.tables import write_csv
from netspaces.populations.table import architecture_keys, with_runs, write_population
from netspaces.spaces.sampling import sample

from helpers.configurations import CONFIG
from helpers.invented import definition
from helpers.records import DIVERGED, make_record, write_record
from helpers.small_sources import write_meta

POPULATION = "RegNetX-base-short"
OTHER = "AnyNetX_A-base-short"
VERDICTS = {"regnet_is_better": "confirmed", "wider_is_better": "undecided"}
TOLD = {
    "preset": "tiny",
    "version": "0.1.0",
    "configuration": {
        "preset": "tiny",
        "description": "Invented.",
        "seed": 0,
        "statistics": {"error": "error_min", "level": 0.95},
    },
    "titles": {"fig09_regnet": "RegNet: a title"},
    "stated": {"published": "2026-11-28"},
}


def make_results(
    folder: Path,
    errors: tuple[float, ...] = (9.0, 8.5, 12.25),
    seed: int = 0,
    recipe: dict | None = None,
    verdicts: dict[str, str] | None = None,
    names: tuple[str, ...] = (POPULATION, OTHER),
) -> Path:
    """Populations with a network per error and one that diverged, a figure, and a table of claims."""
    (folder / "dataset").mkdir(parents=True)
    write_meta(folder / "dataset", train=898, test=899)
    for name in names:
        drawn = sample(definition(name.split("-")[0]), {"flops": [1e5, 1e6]}, seed, range(len(errors) + 1))
        table = pd.DataFrame(drawn.columns())
        records = {}
        for index, error in enumerate((*errors, None)):
            changes = DIVERGED if error is None else {}
            of = {"recipe": recipe, "dataset": checksum_of(folder / "dataset")}
            tested = (60.0, error or 90.0)
            records[index] = make_record(drawn.architectures.row(index), tested, **of, **changes)
            write_record(folder / "runs", records[index])
        table = with_runs(name, table.assign(architecture=architecture_keys(table)), records)
        write_population(table, *(folder / "populations" / f"{name}.{kind}" for kind in ("parquet", "csv")))
    write_text(folder / "figures" / "fig09_regnet.svg", "<svg/>\n")
    rows = [
        {"name": name, "verdict": verdict, "estimate": 1.5, "low": 0.5, "high": 2.5}
        for name, verdict in (VERDICTS | (verdicts or {})).items()
    ]
    write_csv(folder / "tables" / "paper_against_ours.csv", pd.DataFrame(rows))
    return folder


def results_of(folder: Path) -> Results:
    """All of such a folder, to be packed."""
    populations = sorted(folder.glob("populations/*.parquet"))
    return Results(
        folder=folder,
        populations=populations,
        own=[file.stem for file in populations],
        files=[folder / "figures" / "fig09_regnet.svg", folder / "tables" / "paper_against_ours.csv"],
        environment=[CONFIG.parent / "requirements.txt"],
        dictionary=CONFIG.parent / "docs" / "reference" / "data_dictionary.md",
    )
