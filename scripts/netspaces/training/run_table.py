"""All runs of a folder of results in one compact table, to be passed on, and the folder made anew from it.

A row is a file: a run record, or what is known of a prepared dataset (meta.json, whose checksum is part of the keys of
runs). The column `text` holds the file as it is, the others what one wants to know of a run without reading that.
Images are not in it: a job whose runs are all in the store needs none.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from netspaces.data.meta import META, read_meta
from netspaces.files.safe import DamagedFile, OneLineError, write_text
from netspaces.files.tables import read_parquet, write_parquet
from netspaces.networks.architecture import Architecture, architecture_key
from netspaces.training.records import RecordError, read_record

WHAT = "a table of runs (snakemake save_runs)"
RUN = re.compile(r"runs/[0-9a-f]{20}\.json")
DATASET = re.compile(rf"[a-z_]*dataset/{re.escape(META)}")
OF_RECORD = ("key", "status", "error", "error_min", "seed", "dataset", "seconds", "device")
WHOLE = {"seed": "Int64", "epochs": "Int64", "flops": "Int64", "params": "Int64", "activations": "Int64"}


@dataclass(frozen=True)
class Restored:
    """How many runs were written, and how many were there already."""

    written: int
    there: int

    def __str__(self) -> str:
        return f"{self.written:,} runs restored, {self.there:,} were there already"


def save_runs(results: str | Path, path: str | Path, keys: Collection[str] | None = None) -> int:
    """Write the table of all runs of a folder of results; returns how many.

    With `keys`, it holds those runs alone, and of datasets those that they were trained on. The same runs give the same
    bytes. Raises DamagedFile for a damaged record, FileNotFoundError for one that is not there.
    """
    results = Path(results)
    wanted = None if keys is None else [results / "runs" / f"{key}.json" for key in sorted(set(keys))]
    runs = sorted(results.glob("runs/*.json")) if wanted is None else wanted
    records = {file: read_record(file) for file in runs}
    of_runs = {record["dataset"] for record in records.values()}
    metas = {meta: read_meta(meta)["checksum"] for meta in sorted(results.glob(f"*dataset/{META}"))}
    datasets = [meta for meta, checksum in metas.items() if wanted is None or checksum in of_runs]
    rows = [_row(results, file) | _of_run(record) for file, record in records.items()]
    table = pd.DataFrame(rows + [_row(results, file) for file in datasets])
    types = {name: kind for name, kind in WHOLE.items() if name in table}
    text = table.pop("text")  # last: the one that is not for people
    write_parquet(path, table.astype(types).assign(text=text), compression="zstd")
    return len(runs)


def restore_runs(results: str | Path, path: str | Path) -> Restored:
    """Write the files of a table of runs into a folder of results, each as it was; what is there and whole stays.

    Raises DamagedFile for a damaged table, and OneLineError, before anything is written, if the folder has a dataset of
    other images: runs on these are others.
    """
    results = Path(results)
    table = read_parquet(path, WHAT, ["file", "text"])
    files = dict(zip(table["file"], table["text"], strict=True))
    for name in files:
        if not (RUN.fullmatch(name) or DATASET.fullmatch(name)):
            raise DamagedFile(path, f"it holds the file {name}, expected {WHAT}")
    for name in filter(DATASET.fullmatch, files):
        _check_same_images(results / name, json.loads(files[name])["checksum"])
    written = [name for name, text in files.items() if _restore(results / name, text)]
    count = sum(RUN.fullmatch(name) is not None for name in written)
    return Restored(count, sum(RUN.fullmatch(name) is not None for name in files) - count)


def _row(results: Path, file: Path) -> dict:
    return {"file": file.relative_to(results).as_posix(), "text": file.read_text(encoding="utf-8")}


def _of_run(record: dict) -> dict:
    return {
        **{name: record[name] for name in OF_RECORD},
        "architecture": architecture_key(Architecture.from_dict(record["architecture"])),
        **record["complexity"],
        "epochs": record["recipe"]["epochs"],
        "test_errors": [float(epoch["test_error"]) for epoch in record["epochs"]],
    }


def _check_same_images(meta: Path, checksum: str) -> None:
    if meta.exists() and (found := read_meta(meta)["checksum"]) != checksum:
        raise OneLineError(
            f"{meta}: the images have the checksum {found}, those of the runs {checksum}: "
            "restore into another folder of results with --config name=NAME"
        )


def _restore(file: Path, text: str) -> bool:
    """Write a file unless it is there and whole; whether it was written."""
    read = read_meta if file.name == META else read_record
    try:
        read(file)
        return False
    except (FileNotFoundError, RecordError, ValueError):
        write_text(file, text)
        read(file)
        return True
