"""A small run of the workflow's scripts that is killed, or whose disk is full, at a moment of one's choice.

The scripts run as the engine would run them, each in a process forked from this one, so that a trial takes a fraction
of a second. Every write, flush to the disk, renaming and removal of the library is an event at which to act.
"""

import errno
import io
import json
import os
import re
import runpy
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import netspaces.files.safe
import netspaces.populations.table
import netspaces.workflow.jobs
import numpy as np
import pandas as pd
from netspaces.data.preparation import prepare
from netspaces.files.safe import TEMPORARY
from netspaces.training.share import train_share  # noqa: F401 - a forked process has imported what takes long
from netspaces.workflow.jobs import job  # noqa: F401

from helpers.invented import definition
from helpers.small_runs import TIMINGS, comparable

SCRIPTS = Path(__file__).parents[2] / "scripts"
NAME = "AnyNetX_A-base-short"
SPACE = definition("AnyNetX_A") | {"constraints": ["depth < 6"]}
REGIME = {"flops": [1e4, 1e6]}
RECIPE = {"epochs": 2, "batch_size": 24, "learning_rate": 0.05}
SHARDS = {"00000-00001": [0, 1], "00002": [2]}
CONFIG = {
    "threads_per_network": 1,
    "networks_at_once": 1,
    "checkpoint_seconds": 0.0,
    "data_on_device": "auto",
    "keep_weights": "all",
}
KINDS = {  # of files whose disk may be full, by a pattern of their names
    "record": r"\.[0-9a-f]{20}\.json\.",
    "weights": r"\.[0-9a-f]{20}\.safetensors\.",
    "checkpoint": r"\.[0-9a-f]{20}\.checkpoint\.",
    "output of a job": r"\.0000.*\.json\.",
    "log": r".*\.log$",
}
OPERATIONS = ("open", "write", "sync", "rename")


def prepared(folder: Path) -> Path:
    """A results folder with a prepared dataset of a few images."""
    generator = np.random.default_rng(0)
    labels = {"train_labels": np.arange(48) % 4, "test_labels": np.arange(20) % 4}
    images = {
        name.replace("labels", "images"): (generator.integers(0, 160, (len(of), 8, 8)) + 20 * of[:, None, None])
        for name, of in labels.items()
    }
    folder.mkdir(parents=True)
    np.savez(folder / "images.npz", **labels, **{name: values.astype(np.uint8) for name, values in images.items()})
    settings = {"name": "npz", "file": str(folder / "images.npz"), "resolution": 8, "channels": 1, "classes": 4}
    prepare(settings, folder / "dataset")
    return folder


# ---- The run ---------------------------------------------------------------------------------------------------------


class Files(dict):
    """Inputs or outputs of a job, by name and by number."""

    def __getattr__(self, name: str) -> object:
        return self[name]

    def __getitem__(self, name: object) -> object:
        return list(self.values())[name] if isinstance(name, int) else super().__getitem__(name)


def jobs(folder: Path) -> list[tuple[str, SimpleNamespace]]:
    """The jobs of the run in order: script, and what the engine would tell it."""
    sampled = folder / "sampled" / f"{NAME}.csv"
    trained = {shard: folder / "trained" / NAME / f"{shard}.json" for shard in SHARDS}
    population = {"definition": SPACE, "regime": REGIME, "seed": 0}
    training = {"recipe": RECIPE, "training_seed": 0, "store": folder / "runs", "device": "cpu", "part": (1, 1)}
    inputs = {"dataset": folder / "dataset" / "meta.json"}
    tables = {kind: folder / "populations" / f"{NAME}.{kind}" for kind in ("parquet", "csv")}
    told = [("sample.py", "sample", {}, {"table": sampled}, {**population, "networks": 3})]
    for shard, indices in SHARDS.items():
        params = {**population, **training, "indices": indices}
        told.append(("train.py", shard, inputs, {"trained": trained[shard]}, params))
    collected = {"records": list(trained.values()), "sampled": sampled}
    told.append(("collect.py", "collect", collected, tables, {"store": folder / "runs", "population": {}}))
    return [
        (
            script,
            SimpleNamespace(
                input=Files(given),
                output=Files(made),
                params=SimpleNamespace(**params),
                wildcards=SimpleNamespace(population=NAME),
                log=[str(folder / "logs" / f"{name}.log")],
                config=CONFIG,
                threads=1,
            ),
        )
        for script, name, given, made, params in told
    ]


def finish(folder: Path) -> None:
    """What the engine does: the jobs whose outputs are not there, in order."""
    for script, told in jobs(folder):
        if not all(Path(path).exists() for path in told.output.values()):
            runpy.run_path(str(SCRIPTS / script), {"snakemake": told})


def forked(folder: Path, act: Callable[[str, str, str], None] | None = None, said: Path | None = None) -> int:
    """Start `finish` in a process; returns its number. `act(operation, moment, name)` is called at each event."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        with open(said or os.devnull, "w") as terminal:
            sys.stderr = sys.stdout = terminal
            if act is not None:
                _watch(act)
            finish(folder)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    finally:
        os._exit(code)


def ended(process: int) -> int:
    """Wait for a process; its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


# ---- Events ----------------------------------------------------------------------------------------------------------


class Watched(io.FileIO):
    """A file whose writes are events; the first half of the bytes is written before the one in their middle."""

    act: Callable[[str, str, str], None]

    def write(self, content) -> int:
        content, name = bytes(content), Path(self.name).name
        self.act("write", "before", name)
        super().write(content[: len(content) // 2])
        self.act("write", "amid", name)
        super().write(content[len(content) // 2 :])
        self.act("write", "after", name)
        return len(content)


def _watch(act: Callable[[str, str, str], None]) -> None:
    """Call `act` before and after each operation on files that the library does."""
    Watched.act = staticmethod(act)

    def open_(path, mode, **options):
        if mode == "r+b":
            return open(path, mode, **options)
        act("open", "before", Path(path).name)
        file = Watched(path, mode.replace("b", ""))
        act("open", "after", Path(path).name)
        return file

    def around(operation: str, original: Callable, name_of: Callable, *arguments) -> None:
        name = name_of(*arguments)
        act(operation, "before", name)
        original(*arguments)
        act(operation, "after", name)

    netspaces.files.safe.open = netspaces.workflow.jobs.open = open_
    os.replace = partial(around, "rename", os.replace, lambda source, target: Path(source).name)
    os.unlink = partial(around, "remove", os.unlink, lambda path: Path(path).name)
    os.fsync = partial(around, "sync", os.fsync, lambda file: os.path.basename(os.readlink(f"/proc/self/fd/{file}")))


def kill_at(number: int) -> Callable[[str, str, str], None]:
    """Kill the process at its event of a number, counted from 0."""
    events = iter(range(10**9))

    def act(operation: str, moment: str, name: str) -> None:
        if next(events) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def full_at(operation: str, kind: str, number: int = 0) -> Callable[[str, str, str], None]:
    """A disk that is full from the operation of that number on files of a kind on."""
    events = iter(range(10**9))

    def act(done: str, moment: str, name: str) -> None:
        right = done == operation and moment in ("before", "amid") and re.match(KINDS[kind], name)
        if right and next(events) >= number and (done != "write" or moment == "amid"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return act


# ---- What is left ----------------------------------------------------------------------------------------------------


def state(folder: Path) -> dict[str, object]:
    """The files of a results folder and what they say, timings aside; logs may be missing."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".log"]
    return {str(path.relative_to(folder)): _said(path) for path in files}


def _said(path: Path) -> object:
    if path.parent.name == "populations" and path.suffix in (".csv", ".parquet"):
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        return table.drop(columns=list(TIMINGS)).to_csv(index=False)
    if path.parent.name == "runs" and path.suffix == ".json":
        return comparable(_without_digest(json.loads(path.read_text())))
    if path.parent.name == NAME and path.suffix == ".json":
        return [comparable(entry["record"]) for entry in json.loads(path.read_text())["networks"]]
    return None if path.suffix == ".sha256" else path.read_bytes()


def _without_digest(content: dict) -> dict:
    return {name: value for name, value in content.items() if name != "digest"}


def leftovers(folder: Path) -> list[str]:
    """Temporary files, checkpoints and what was set aside."""
    return [
        path.name
        for path in folder.rglob("*")
        if TEMPORARY.fullmatch(path.name) or path.suffix in (".checkpoint", ".damaged")
    ]


def _noting(file: BinaryIO) -> Callable[[str, str, str], None]:
    """Write each event into a file."""

    def act(operation: str, moment: str, name: str) -> None:
        file.write(f"{operation} {moment} {name}\n".encode())

    return act


class Trials:
    """Trials in copies of one prepared folder, compared with an undisturbed run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = prepared(folder / "base")
        undisturbed = self._fresh()
        started = time.monotonic()
        assert ended(forked(undisturbed)) == 0
        self.seconds = time.monotonic() - started
        self.expected = state(undisturbed)
        assert not leftovers(undisturbed)
        with open(folder / "events", "wb", buffering=0) as file:
            assert ended(forked(self._fresh(), _noting(file))) == 0
        self.events = (folder / "events").read_text().splitlines()

    def killed_at_event(self, number: int) -> str:
        """Kill at an event, then run again; what is wrong, or nothing."""
        folder = self._fresh()
        code = ended(forked(folder, kill_at(number)))
        return self._resumed(folder, f"killed at {self.events[number]}", code == -signal.SIGKILL)

    def killed_after(self, seconds: list[float]) -> str:
        """Kill after so many seconds, again and again, then run to the end; what is wrong, or nothing."""
        folder = self._fresh()
        for duration in seconds:
            process = forked(folder)
            time.sleep(duration)
            os.kill(process, signal.SIGKILL)
            ended(process)
        return self._resumed(folder, f"killed after {seconds} s")

    def full(self, operation: str, kind: str, number: int = 0) -> str:
        """Run on a full disk, then on one that is not; what is wrong, or nothing."""
        folder, what = self._fresh(), f"disk full at {operation} {number} of {kind}"
        code = ended(forked(folder, full_at(operation, kind, number), self.folder / "said"))
        lines = (self.folder / "said").read_text().splitlines()
        needs = kind == "log" and operation in ("sync", "rename")  # which logs are not
        if not needs and (not lines or not all(line.startswith(("error: ", "warning: ")) for line in lines)):
            return f"{what}: said {lines}"
        if (code == 0) != (kind == "log"):
            return f"{what}: exit code {code}"
        return self._resumed(folder, what)

    def _resumed(self, folder: Path, what: str, begun: bool = True) -> str:
        if not begun:
            return f"{what}: was not killed"
        if code := ended(forked(folder, None, self.folder / "said")):
            return f"{what}: exit code {code}, {(self.folder / 'said').read_text()}"
        if left := leftovers(folder):
            return f"{what}: left {left}"
        found = state(folder)
        if found != self.expected:
            differ = [
                name for name in found.keys() | self.expected.keys() if found.get(name) != self.expected.get(name)
            ]
            return f"{what}: other contents of {differ}"
        shutil.rmtree(folder)
        return ""

    def _fresh(self) -> Path:
        """A copy of the prepared folder under the same name, since logs and tables hold no name of it."""
        folder = self.folder / f"trial-{os.urandom(4).hex()}"
        shutil.copytree(self.base, folder)
        return folder
