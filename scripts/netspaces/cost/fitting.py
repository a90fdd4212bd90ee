"""Coefficients of the machine at hand, fitted to its own runs."""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from netspaces.cost.coefficients import DEFAULTS, FITTED, Coefficients, CostError
from netspaces.cost.prediction import work
from netspaces.data.image_counts import ImageCounts, count_images
from netspaces.data.meta import checksum_of
from netspaces.training.records import read_record

FEWEST_RUNS = 8


@dataclass(frozen=True)
class Fit:
    """Coefficients fitted to runs, and how well they predict these."""

    device: str
    coefficients: Coefficients
    r2: float
    median_relative_error: float


def fit_store(store: str | Path, meta: str | Path, dataset: Mapping, device: str) -> Fit:
    """Fit what a unit of work costs to the runs of a store that trained on one dataset; errors are those of `fit`.

    Parameters
    ----------
    store : the folder of run records.
    meta : the file meta.json of the prepared dataset.
    dataset : what the configuration says of it.
    device : "cpu" or "cuda".
    """
    checksum = checksum_of(Path(meta).parent)
    records = [read_record(path) for path in sorted(Path(store).glob("*.json"))]
    runs = [record for record in records if record["dataset"] == checksum]
    return fit(runs, count_images(dataset, meta), device)


def fit(records: Iterable[Mapping], images: ImageCounts, device: str) -> Fit:
    """Fit what a unit of work costs to finished runs on one kind of device, by non-negative least squares.

    Errors count relative to the measured seconds, and half of the runs take more than predicted. The cost of a run and
    a job that is not work stays the shipped one, so that a longer recipe is predicted to take longer even where all
    runs had the same. Raises CostError if there are fewer than `FEWEST_RUNS`.
    """
    shipped = DEFAULTS[device]
    runs = [record for record in records if record["status"] == "finished" and device_kind(record["device"]) == device]
    if len(runs) < FEWEST_RUNS:
        raise CostError(f"cost: found {len(runs)} finished runs on device {device}, expected at least {FEWEST_RUNS}")
    features = np.array([_work_of(run, images, shipped.bf16) for run in runs])
    seconds = np.array([run["seconds"] for run in runs])
    working = np.maximum(seconds - shipped.per_run, 0.1 * seconds)  # seconds of a run that are work
    scale = np.maximum(np.linalg.norm(features / seconds[:, None], axis=0), np.finfo(float).tiny)
    solution = nnls(features / seconds[:, None] / scale, working / seconds)[0] / scale
    solution *= np.median(working / (features @ solution))  # runs that others slowed down pull a relative fit down
    predicted = shipped.per_run + features @ solution
    ratios = seconds / predicted
    spread = max(float(np.exp(np.quantile(np.abs(np.log(ratios)), 0.9))), 1.05)
    variation = float(((seconds - seconds.mean()) ** 2).sum())
    fitted = dict(zip(FITTED, map(float, solution), strict=True))
    return Fit(
        device=device,
        coefficients=replace(shipped, **fitted, spread=spread, runs=len(runs)),
        r2=1 - float(((seconds - predicted) ** 2).sum()) / variation if variation else 0.0,
        median_relative_error=float(np.median(np.abs(predicted / seconds - 1))),
    )


def _work_of(run: Mapping, images: ImageCounts, bf16: float) -> list[float]:
    networks = {name: float(run["complexity"][name]) for name in ("flops", "activations")}
    networks["depth"] = sum(run["architecture"]["depths"])
    recipe = run["recipe"] | {"precision": run.get("precision", run["recipe"].get("precision"))}  # what `auto` came to
    return list(work(networks, recipe, images, bf16).values())


def device_kind(name: str) -> str:
    """The kind of device of a record: cpu or cuda. A CPU goes by its architecture, a GPU by its maker's name for it."""
    machines = {platform.machine(), "x86_64", "AMD64", "aarch64", "arm64"}
    return "cpu" if name.split(" ")[0] in machines else "cuda"
