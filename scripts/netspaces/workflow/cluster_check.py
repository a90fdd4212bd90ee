"""What a training job finds on the node where it runs: interpreter, torch, GPU, scratch space, the shared folders."""

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from netspaces.data.integrity import check_dataset


def inspect(folders: Mapping[str, str]) -> dict:
    """Look at the node this runs on; `folders` are named places that must be reachable, `results` writable."""
    started = time.perf_counter()
    report: dict[str, Any] = {
        "node": platform.node(),
        "job": os.environ.get("SLURM_JOB_ID"),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": f"{platform.python_version()} ({sys.executable})",
        "visible_gpus": os.environ.get("CUDA_VISIBLE_DEVICES"),
        "scratch": _place(tempfile.gettempdir()),
        "folders": {name: _place(path) for name, path in folders.items()},
    }
    try:
        import torch
    except Exception as error:  # whatever keeps it from loading is what the report is for
        return report | {"torch": None, "torch_error": f"{type(error).__name__}: {error}".splitlines()[0], "gpus": []}
    report |= {"torch": torch.__version__, "cuda": torch.version.cuda, "import_seconds": time.perf_counter() - started}
    properties = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    gpus = [{"name": gpu.name, "memory_gb": gpu.total_memory / 2**30} for gpu in properties]
    return report | {"gpus": gpus}


def _place(path: str) -> dict:
    """Whether a folder or file is there and, for a folder, can be written to; free space in GB."""
    place = Path(path).absolute()
    state: dict[str, Any] = {"path": str(place), "there": place.exists(), "writable": False, "free_gb": None}
    if place.is_dir():
        state["free_gb"] = shutil.disk_usage(place).free / 1e9
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"x")
            state["writable"] = True
        except OSError:
            pass
    return state


def lines(report: Mapping) -> list[str]:
    """The report for people, a line per topic."""
    job = f", SLURM job {report['job']}" if report["job"] else ""
    shown = [f"node      {report['node']}{job}, {report['cpus']} CPUs", f"python    {report['python']}"]
    if report["torch"]:
        cuda = f"CUDA {report['cuda']}" if report["cuda"] else "without CUDA"
        shown.append(f"torch     {report['torch']}, {cuda}, imported in {report['import_seconds']:.1f} s")
    gpus = [f"{gpu['name']}, {gpu['memory_gb']:.1f} GB" for gpu in report["gpus"]] or ["none seen by torch"]
    visible = "unset" if report["visible_gpus"] is None else report["visible_gpus"]
    shown.append(f"GPU       {'; '.join(gpus)} (CUDA_VISIBLE_DEVICES {visible})")
    for name, place in {"scratch": report["scratch"], **report["folders"]}.items():
        access = "writable" if place["writable"] else "there" if place["there"] else "not there"
        free = f", {place['free_gb']:.1f} GB free" if place["free_gb"] is not None else ""
        shown.append(f"{name:<9} {place['path']}: {access}{free}")
    return shown


def dataset_lines(metas: Iterable[str]) -> list[str]:
    """Check prepared datasets whole, where each byte is read; a line about each.

    Parameters
    ----------
    metas : the file meta.json of each dataset.

    Raises DatasetError, which names the file, if one is damaged.
    """
    shown = []
    for meta in map(Path, metas):
        state = f"all {check_dataset(meta.parent) / 1e6:,.1f} MB as written" if meta.exists() else "not prepared yet"
        shown.append(f"{'prepared':<9} {meta.parent}: {state}")
    return shown


def complaint(report: Mapping, device: str) -> str | None:
    """What would make training jobs fail, in one line; None if nothing is wrong."""
    node, visible = report["node"], report["visible_gpus"]
    if not report["torch"]:
        return f"node {node}: torch cannot be imported by {report['python']}: {report['torch_error']}"
    if device == "cuda" and not report["gpus"]:
        seen = f"device is cuda, but torch sees no GPU on node {node}"
        if not report["cuda"]:
            return f"{seen}: torch {report['torch']} is built without CUDA"
        if not visible:
            return f"{seen}: SLURM gave the job none; see gpu, gres and slurm_partition in profiles/slurm/config.yaml"
        return f"{seen}: SLURM gave it {visible}; does the node's driver support CUDA {report['cuda']}?"
    for name, place in {"results": report["folders"]["results"], "scratch": report["scratch"]}.items():
        if not place["writable"]:
            return f"node {node}: {name} folder {place['path']} is not writable; nodes must share it with this host"
    return None
