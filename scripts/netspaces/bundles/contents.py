"""What goes into a bundle, from the results that it is made of to the archive."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path

import pandas as pd

from netspaces.bundles.card import CARD, card
from netspaces.bundles.crate import METADATA, crate
from netspaces.configuration.yaml_files import plain_yaml
from netspaces.files.archive import write_archive
from netspaces.files.tables import read_parquet
from netspaces.populations.finals import read_final
from netspaces.populations.table import read_collected
from netspaces.training.run_table import WHAT, save_runs

RUNS = "runs.parquet"
CONFIGURATION = "configuration.yaml"
CONFIGURED = """\
# All settings that these results were made with, with nothing left to defaults, presets or other files.
# The same again: snakemake --configfile configuration.yaml
"""


@dataclass(frozen=True)
class Results:
    """The finished results that a bundle is made of.

    Parameters
    ----------
    folder : of the results, `results/digits`; what lies in it keeps its place in the bundle.
    populations : the parquet files of their tables.
    own : names of those whose networks were trained here; the others are imported.
    files : figures, tables, measurements and pages in the folder.
    environment : the files that pin what is installed, of the repository.
    dictionary : the page that says what columns mean.
    """

    folder: Path
    populations: list[Path]
    own: list[str]
    files: list[Path]
    environment: list[Path]
    dictionary: Path


def write_bundle(path: str | Path, results: Results, told: Mapping) -> str:
    """Write a bundle; the same results give the same bytes. Returns what it came to, in a line.

    Parameters
    ----------
    path : of the bundle.
    results : what goes into it.
    told : `preset`, `version` (of this software), `configuration` (complete), `titles` of studies by name, and
        `stated`: what the configuration says under `bundle`.

    Raises DamagedFile for a file that is not what was written, and OSErrors as they come.
    """
    tables = {file.stem: read_collected(file) for file in results.populations}
    contents: dict[str, bytes | Path] = {
        file.relative_to(results.folder).as_posix(): file for file in (*results.populations, *results.files)
    }
    contents |= {f"environment/{file.name}": file for file in results.environment}
    contents["environment/installed.txt"] = installed().encode()
    contents[CONFIGURATION] = (CONFIGURED + plain_yaml(told["configuration"])).encode()
    keys = [key for name in results.own for key in tables[name]["key"].dropna()] + _final_keys(results)
    records = pd.DataFrame({"key": [], "text": []})
    if keys:
        with tempfile.TemporaryDirectory(prefix="netspaces-") as temporary:
            runs = Path(temporary, RUNS)
            save_runs(results.folder, runs, keys)
            contents[RUNS], records = runs.read_bytes(), read_parquet(runs, WHAT)
    stated = {"published": _day_of_newest(results.folder, keys)} | dict(told.get("stated") or {})
    told = {**told, "stated": stated, "imported": sorted(set(tables) - set(results.own))}
    contents[CARD] = card(tables, records, told, results.dictionary, sorted(contents)).encode()
    contents[METADATA] = crate(contents, told).encode()
    write_archive(path, contents)
    licence = f"licence {stated['licence']}" if "licence" in stated else "no licence stated (bundle.licence)"
    networks = sum(len(table) for table in tables.values())
    return f"{path}: {len(tables)} populations of {networks:,} networks, {len(contents)} files, {licence}"


def installed() -> str:
    """Every package that is installed where this runs, with its exact version, as pip reads it."""
    found: dict[str, str] = {}
    for each in distributions():
        name = (each.metadata["Name"] or "").lower().replace("_", "-")
        found.setdefault(name, each.version)  # the first on the path is the one that is imported
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()) if name)


def _final_keys(results: Results) -> list[str]:
    """The keys of the runs behind the tables of top models."""
    names = [file.stem for file in results.files if file.parent == results.folder / "finals"]
    files = [file for name in names for file in sorted((results.folder / "finals" / name).glob("*.json"))]
    return [read_final(file, results.folder / "runs")["key"] for file in files]


def _day_of_newest(folder: Path, keys: Iterable[str]) -> str:
    """The day on which the last of some runs was written: nothing in a record says when, and every crate has a date."""
    times = [(folder / "runs" / f"{key}.json").stat().st_mtime for key in keys]
    return f"{datetime.fromtimestamp(max(times, default=0.0), UTC):%Y-%m-%d}"
