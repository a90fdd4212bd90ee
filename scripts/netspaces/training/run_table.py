"""All runs of a folder of results in one compact table, to be passed on, and the folder made anew from it.

A row is a file: a run record, or what is known of a prepared dataset (meta.json, whose checksum is part of the keys of
runs). The column `text` holds the record as it is, and of meta.json what the images are without how they were prepared,
which names folders of one machine. The other columns hold what one wants to know of a run without reading that. Images
are not in it: a job whose runs are all in the store needs none.
"""

import re
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from netspaces.data.meta import META, read_meta
from netspaces.files.safe import DamagedFile, OneLineError, json_text, set_aside, write_text
from netspaces.files.tables import read_parquet, write_parquet
from netspaces.networks.architecture import Architecture, architecture_key
from netspaces.training.records import RecordError, check_against_store, read_record

WHAT = "a table of runs (snakemake save_runs)"
RUN = re.compile(r"runs/[0-9a-f]{20}\.json")
DATASET = re.compile(rf"[a-z_]*dataset/{re.escape(META)}")
OF_PREPARATION = ("settings", "code")
"""What a dataset's meta.json says of how it was prepared."""
OF_PRESET = ("name", "resolution", "channels", "classes")
"""What it says of the images as a preset does."""
OF_RECORD = ("key", "status", "error", "error_min", "seed", "dataset", "seconds", "device")
WHOLE = {"seed": "Int64", "epochs": "Int64", "flops": "Int64", "params": "Int64", "activations": "Int64"}


@dataclass(frozen=True)
class Restored:
    """How many runs were written, how many were there already, and how many of these with other results."""

    written: int
    there: int
    other: int = 0

    def __str__(self) -> str:
        others = f", {self.other:,} of these with other results than the table's, which stay" if self.other else ""
        return f"{self.written:,} runs restored, {self.there:,} were there already{others}"


def save_runs(results: str | Path, path: str | Path, keys: Collection[str] | None = None) -> int:
    """Write the table of all runs of a folder of results; returns how many.

    With `keys`, it holds those runs alone, and of datasets those that they were trained on. The same runs give the same
    bytes. Raises DamagedFile for a damaged record, FileNotFoundError for one that is not there, OneLineError if there
    are no runs at all.
    """
    results = Path(results)
    wanted = None if keys is None else [results / "runs" / f"{key}.json" for key in sorted(set(keys))]
    runs = sorted(results.glob("runs/*.json")) if wanted is None else wanted
    if wanted is None and not runs:
        raise OneLineError(f"{results / 'runs'}: no runs to save, expected records of trained networks")
    records = {file: read_record(file) for file in runs}
    of_runs = {record["dataset"] for record in records.values()}
    metas = {file: read_meta(file) for file in sorted(results.glob(f"*dataset/{META}"))}
    datasets = [file for file, meta in metas.items() if wanted is None or meta["checksum"] in of_runs]
    rows = [_row(results, file, file.read_text(encoding="utf-8")) | _of_run(record) for file, record in records.items()]
    table = pd.DataFrame(rows + [_row(results, file, _of_images(metas[file])) for file in datasets])
    types = {name: kind for name, kind in WHOLE.items() if name in table}
    text = table.pop("text")  # last: the one that is not for people
    write_parquet(path, table.astype(types).assign(text=text), compression="zstd")
    return len(runs)


def restore_runs(results: str | Path, path: str | Path, datasets: Mapping[str, Mapping] | None = None) -> Restored:
    """Write the files of a table of runs into a folder of results, each as it was; what is there and whole stays.

    A damaged record that is there is set aside.

    Parameters
    ----------
    results : the folder.
    path : of the table.
    datasets : what the preset says of its datasets, by the names of their folders in `results`.

    Raises
    ------
    DamagedFile : before anything is written, for a damaged table or one with a damaged row.
    OneLineError : before that, too, for a table that is missing or without runs, and if the preset or the folder has a
        dataset of other images: runs on these are others.
    """
    results, path = Path(results), Path(path)
    files = _files_of(path)
    with tempfile.TemporaryDirectory() as folder:
        contents = {name: _checked(path, name, text, Path(folder)) for name, text in files.items()}
    for name in filter(DATASET.fullmatch, files):
        _check_of_preset(path, contents[name], (datasets or {}).get(Path(name).parent.name, {}))
        _check_same_images(results / name, contents[name]["checksum"])
    runs = list(filter(RUN.fullmatch, files))
    others = [name for name in runs if _is_another(results / name, contents[name], path)]
    written = {name for name, text in files.items() if _restore(results / name, text)}
    count = len(written.intersection(runs))
    return Restored(count, len(runs) - count, len(others))


def _files_of(path: Path) -> dict[str, str]:
    """The text of each file in a table of runs by its name, all of them names that such a table may hold."""
    if not path.is_file():
        raise OneLineError(f"{path}: missing, expected {WHAT}")
    table = read_parquet(path, WHAT, ["file", "text"])
    for name in table["file"]:
        if not (isinstance(name, str) and (RUN.fullmatch(name) or DATASET.fullmatch(name))):
            raise DamagedFile(path, f"it holds the file {name}, expected {WHAT}")
    if not table["file"].is_unique:
        twice = table.loc[table["file"].duplicated(), "file"].iloc[0]
        raise DamagedFile(path, f"it holds the file {twice} twice, expected {WHAT}")
    if not any(map(RUN.fullmatch, table["file"])):
        raise OneLineError(f"{path}: it holds no runs, expected {WHAT}")
    return dict(zip(table["file"], table["text"], strict=True))


def _checked(table: Path, name: str, text: object, folder: Path) -> dict:
    """What a row holds, read from a file as a job will read it; raises DamagedFile, with the table and the row."""
    if not isinstance(text, str):
        raise DamagedFile(table, f"{name} is {text!r}, expected the text of a file")
    file = folder / Path(name).name
    file.write_text(text, encoding="utf-8")
    try:
        return _read(file)
    except DamagedFile as error:
        raise DamagedFile(table, f"{name}: {error.why}") from None


def _read(file: Path) -> dict:
    return read_meta(file) if file.name == META else read_record(file)


def _row(results: Path, file: Path, text: str) -> dict:
    return {"file": file.relative_to(results).as_posix(), "text": text}


def _of_images(meta: Mapping) -> str:
    """The text of a dataset's meta.json without how it was prepared."""
    return json_text({name: value for name, value in meta.items() if name not in OF_PREPARATION})


def _of_run(record: dict) -> dict:
    return {
        **{name: record[name] for name in OF_RECORD},
        "architecture": architecture_key(Architecture.from_dict(record["architecture"])),
        **record["complexity"],
        "epochs": record["recipe"]["epochs"],
        "test_errors": [float(epoch["test_error"]) for epoch in record["epochs"]],
    }


def _check_of_preset(table: Path, meta: Mapping, settings: Mapping) -> None:
    """Raise OneLineError for images that cannot be those of a preset."""
    others = [
        f"{name} {meta[name]}, expected {settings[name]}"
        for name in OF_PRESET
        if name in settings and settings[name] != meta[name]
    ]
    if others:
        raise OneLineError(
            f"{table}: its runs are of another preset's images ({'; '.join(others)}): "
            "restore them with that preset, --config preset=NAME"
        )


def _check_same_images(meta: Path, checksum: str) -> None:
    if meta.exists() and (found := read_meta(meta)["checksum"]) != checksum:
        raise OneLineError(
            f"{meta}: the images have the checksum {found}, those of the runs {checksum}: "
            "restore into another folder of results with --config name=NAME"
        )


def _is_another(file: Path, record: dict, table: Path) -> bool:
    """Whether a whole record is there that says something else of the same run: from another machine, for example."""
    try:
        check_against_store(record, file.parent, table)
    except RecordError as error:
        return error.path == table
    return False


def _restore(file: Path, text: str) -> bool:
    """Write a file unless it is there and whole; whether it was written."""
    if file.exists():
        try:
            _read(file)
            return False
        except DamagedFile as error:
            set_aside(error, "the table's takes its place")
    write_text(file, text)
    return True
