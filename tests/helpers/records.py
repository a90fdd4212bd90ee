"""Run records that are right by all that is checked: for tests that need one without training."""

import json
from pathlib import Path

from netspaces.files.safe import write_json
from netspaces.networks.architecture import Architecture
from netspaces.training.recipe import Recipe
from netspaces.training.records import key_of
from netspaces.training.store import run_identity

ARCHITECTURE = Architecture("x", "cifar", 8, 8, 0.25, (1, 2), (16, 24), (1.0, 2.0), (8, 4), (1, 2))
COMPLEXITY = {"flops": 100, "params": 10, "activations": 5, "activations_all": 6}
LOSSES = (1.5, 0.1 + 0.2)


def make_record(
    architecture: Architecture = ARCHITECTURE,
    errors: tuple[float, ...] = (19.0, 20.0),
    recipe: dict | None = None,
    seed: int = 0,
    dataset: str = "dataset",
    **changes,
) -> dict:
    """The record of a finished run with a test error per epoch; `changes` are made to it afterwards."""
    known = Recipe.from_dict({"learning_rate": 0.1} | (recipe or {}) | {"epochs": len(errors)})
    identity = run_identity(architecture, known, seed, dataset)
    losses = [LOSSES[epoch % 2] for epoch in range(len(errors))]
    return {
        "key": key_of(identity),
        "complexity": COMPLEXITY,
        **identity,
        "status": "finished",
        "error": errors[-1],
        "error_min": min(errors),
        "error_selected": None,
        "epochs": [
            {"train_loss": loss, "train_error": 50 * loss, "test_error": error}
            for loss, error in zip(losses, errors, strict=True)
        ],
        "diverged_in_epoch": None,
        "diverged_in_step": None,
        "seconds": 1.25,
        "images_per_second": 718.4,
        "peak_memory_mb": 250.5,
        "device": "x86_64 AVX2",
    } | changes


DIVERGED = {"status": "diverged", "error": 90.0, "error_min": 90.0, "epochs": [], "diverged_in_epoch": 1}
"""Changes that make the record of a run which diverged in its first epoch."""


def write_record(store: Path, record: dict) -> Path:
    """Write a record where it belongs in a store."""
    path = store / f"{record['key']}.json"
    write_json(path, record)
    return path


def edit(path: Path, **changes) -> None:
    """Change a JSON file as somebody with an editor would: its digest stays."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
