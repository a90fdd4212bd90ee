"""Training of one network from its architecture and recipe to its record in the store."""

import errno
import os
import platform
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch

from netspaces.data.datasets import Dataset, Unopened
from netspaces.files.safe import OneLineWarning, remove_leftovers
from netspaces.networks.architecture import Architecture
from netspaces.training.batches import MEMORY_SHARE
from netspaces.training.checkpoints import CheckpointNotUsable, save, start_or_resume
from netspaces.training.device import device_name, peak_memory_mb, set_up_device
from netspaces.training.faults import DoesNotFit, is_out_of_memory
from netspaces.training.lanes import Turns, alone
from netspaces.training.recipe import Recipe
from netspaces.training.records import DIVERGED, FINISHED, find_record, store_record
from netspaces.training.run import Run
from netspaces.training.store import key_of, run_identity
from netspaces.training.weights import warn_of_missing, weights_path, write_weights

SMALLEST_PART = 8  # images that one step of gradient accumulation takes at least


def never() -> bool:
    """Do not stop."""
    return False


def train_network(
    architecture: Architecture,
    complexity: Mapping[str, int],
    recipe: Mapping,
    seed: int,
    dataset: Dataset,
    store: str | Path,
    device: str = "cpu",
    stopping: Callable[[], bool] = never,
    checkpoint_seconds: float = 60.0,
    memory_share: float = MEMORY_SHARE["auto"],
    keep_weights: bool = False,
) -> dict:
    """Train one network, or find its record in the store; returns the record.

    Images that take more than `memory_share` of the device's free memory are streamed, which changes no result. The
    record is written when the run has ended and its checkpoint is then removed; with `keep_weights` the weights are
    written before it, so that a record has them. A run that is found without is not trained again: a warning says so.
    A damaged record or checkpoint is set aside with a warning, and the network is trained again. Raises ValueError
    for a wrong recipe or a device that is not there, PermissionError for a store that cannot be written,
    CheckpointNotUsable for a checkpoint that is whole and cannot be used here, Interrupted when `stopping()` said so.
    """
    turns = training(
        architecture,
        complexity,
        recipe,
        seed,
        dataset,
        store,
        device,
        stopping,
        checkpoint_seconds,
        memory_share,
        keep_weights=keep_weights,
    )
    return alone(turns, device)


def training(
    architecture: Architecture,
    complexity: Mapping[str, int],
    recipe: Mapping,
    seed: int,
    dataset: Dataset | Unopened,
    store: str | Path,
    device: str,
    stopping: Callable[[], bool],
    checkpoint_seconds: float,
    memory_share: float,
    beside_others: bool = False,
    keep_weights: bool = False,
) -> Turns[dict]:
    """`train_network` in turns, which others may take too; ends with the record. A run that is found needs no images.

    A training `beside_others` that memory does not hold raises DoesNotFit: what others leave of it may not decide how
    a network is trained. Its checkpoint, if there is one, is kept.
    """
    checked = Recipe.from_dict(recipe)
    identity = run_identity(architecture, checked, seed, dataset.checksum)
    key = key_of(identity)
    path = Path(store) / f"{key}.json"
    checkpoint = path.with_suffix(".checkpoint")
    record = find_record(path)
    if record is None:
        set_up_device(device, checked.precision)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "cannot be written", str(path.parent))
        opened = dataset.opened if isinstance(dataset, Unopened) else dataset

        def start(accumulation: int) -> Run:
            if device == "cuda" and not beside_others:
                torch.cuda.reset_peak_memory_stats()
            return Run(architecture, checked, seed, opened, device, accumulation, memory_share)

        yield False  # from here on it computes
        try:
            run, status = yield from turns_in_memory(start, checkpoint, stopping, checkpoint_seconds, beside_others)
        except Exception as error:
            if beside_others and is_out_of_memory(error):
                raise DoesNotFit(key, error) from None
            raise
        known = {"key": key, "architecture": identity["architecture"], "complexity": dict(complexity)} | identity
        record = known | outcome(run, status)
        if keep_weights:
            keep(run, record, path, opened.train.images.shape[-1])
        record = store_record(path, record)
    elif keep_weights:
        warn_of_missing(record, store)
    checkpoint.unlink(missing_ok=True)
    remove_leftovers(path.parent, [path.name, checkpoint.name, weights_path(store, key).name])
    return record


def turns_in_memory(
    start: Callable[[int], Run],
    checkpoint: Path,
    stopping: Callable[[], bool],
    checkpoint_seconds: float,
    beside_others: bool,
) -> Turns[tuple[Run, str]]:
    """Train to the end; ends with the ended run and its status. `start` makes a run with so much gradient accumulation.

    A run that the GPU's memory does not hold, although it has it for itself, starts over in twice as many parts per
    step, until a part would have less than `SMALLEST_PART` images; then raises what torch raised. One that goes on from
    a checkpoint does not start over: raises CheckpointNotUsable, and the checkpoint is kept for a device that holds it.
    """
    run, resumed = start_or_resume(partial(start, 1), checkpoint)
    while True:
        try:
            status = yield from run.turns(stopping, partial(save, run, checkpoint), checkpoint_seconds)
            return run, status
        except Exception as error:
            if beside_others or not is_out_of_memory(error):
                raise
            if resumed:  # what it had done elsewhere is worth more than this attempt
                raise CheckpointNotUsable(checkpoint, error) from None
            parts = 2 * run.accumulation
            if run.batches.batch // parts < SMALLEST_PART:
                raise
        del run  # here, where the error's traceback no longer holds its tensors either
        checkpoint.unlink(missing_ok=True)  # a run has one accumulation, wherever it was interrupted
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        warnings.warn(
            OneLineWarning(f"{checkpoint.stem}: out of memory, starts over in {parts} parts per step"), stacklevel=2
        )
        run = start(parts)


def keep(run: Run, record: Mapping, path: Path, channels: int) -> None:
    """Write the weights of a finished run beside its record to be, `path`.

    Unless another job has trained the same run meanwhile, with other numbers: its record is the one that stays.
    """
    stored = find_record(path)
    if record["status"] == FINISHED and (stored is None or stored["epochs"] == run.epochs):
        weights = weights_path(path.parent, record["key"])
        write_weights(weights, run.evaluated, record["error"], channels, run.batches.classes)


def outcome(run: Run, status: str) -> dict:
    """What a record says of an ended run beside what identifies it. A diverged run has the error of guessing."""
    errors = [epoch["test_error"] for epoch in run.epochs] if status == FINISHED else [run.chance_error]
    epochs = len(run.epochs) + (status == DIVERGED)
    finite, steps = int(run.finite), run.batches.steps
    return {
        "status": status,
        "error": errors[-1],
        "error_min": min(errors),
        "error_selected": error_selected(run, status),
        "epochs": run.epochs,
        "diverged_in_epoch": epochs if status == DIVERGED else None,
        "diverged_in_step": finite + 1 if status == DIVERGED and finite < steps else None,
        "seconds": run.seconds,
        "images_per_second": steps * run.batches.batch * epochs / run.seconds,
        "peak_memory_mb": peak_memory_mb(run.device),
        "device": device_name(run.device),
        "threads": torch.get_num_threads(),
        "precision": run.precision,
        "layout": run.recipe.layout,
        "accumulation": run.accumulation,
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }


def error_selected(run: Run, status: str) -> float | None:
    """Test error after the epoch of the smallest validation error, the first of several; None without validation."""
    if run.batches.validation is None:
        return None
    if status == DIVERGED:
        return run.chance_error
    return min(run.epochs, key=lambda epoch: epoch["validation_error"])["test_error"]
