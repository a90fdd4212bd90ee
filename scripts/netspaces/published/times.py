"""Times of the published models on the device at hand, as the paper's tables print them for one V100.

The paper times 64 images at once. A CPU gets smaller batches and fewer passes, and no model above a limit of flops: it
takes seconds where a GPU takes milliseconds.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import torch

from netspaces.published.models import Published, published_models
from netspaces.published.timing import Timing, measure

IMAGES = 64  # of the paper
ON_CPU = {"batch": 4, "repeats": 2, "warmup": 1}
ON_GPU = {"batch": IMAGES, "repeats": 10, "warmup": 3}
FAMILIES = ("RegNetX", "RegNetY", "ResNet", "ResNeXt", "EfficientNet")


def measure_models(published: str | Path, device: str, limit: float) -> Iterator[dict]:
    """A row per published model of the paper's tables; only its name if it was not timed.

    `limit` is in flops and holds on a CPU only.
    """
    for name, model in published_models(published).items():
        if model.row["family"] not in FAMILIES:
            continue
        timed = device != "cpu" or model.flops <= limit
        yield {"model": name} | (_measured(model, device) if timed else {})


def _measured(model: Published, device: str) -> dict:
    """The timing of a model, with half as many images as often as the GPU's memory does not hold them."""
    settings = dict(ON_CPU if device == "cpu" else ON_GPU)
    while True:
        try:
            return measure(model.architecture, classes=model.classes, device=device, **settings).columns()
        except torch.OutOfMemoryError:
            if settings["batch"] <= 2:
                raise
            settings["batch"] //= 2
            torch.cuda.empty_cache()


def to_csv(rows: Iterable[dict]) -> str:
    """The rows as CSV; cells of models that were not timed are empty."""
    text = io.StringIO()
    columns = ["model", *(field.name for field in fields(Timing))]
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
