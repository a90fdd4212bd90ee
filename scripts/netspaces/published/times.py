"""Times of the published models on the device at hand, as the paper's tables print them for one V100.

The paper times 64 images at once. A CPU gets smaller batches and fewer passes, and no model above a limit of flops: it
takes seconds where a GPU takes milliseconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import pandas as pd
import torch

from netspaces.published.models import PAPER_BATCH, Published, published_models
from netspaces.published.timing import Timing, measure
from netspaces.training.faults import is_out_of_memory

ON_CPU = {"batch": 4, "repeats": 2, "warmup": 1}
ON_GPU = {"batch": PAPER_BATCH, "repeats": 10, "warmup": 3}
FAMILIES = ("RegNetX", "RegNetY", "ResNet", "ResNeXt", "EfficientNet")


def measure_models(published: str | Path, device: str, limit: float) -> Iterator[dict]:
    """A row per published model of the paper's tables; only its name if it was not timed.

    `limit` is in flops and holds on a CPU only.
    """
    for name, model in published_models(published).items():
        if model.family not in FAMILIES:
            continue
        timed = device != "cpu" or model.flops <= limit
        yield {"model": name} | (_measured(model, device) if timed else {})


def _measured(model: Published, device: str) -> dict:
    """The timing of a model, with half as many images as often as the GPU's memory does not hold them."""
    passes = ON_CPU if device == "cpu" else ON_GPU
    batch, repeats, warmup = passes["batch"], passes["repeats"], passes["warmup"]
    while True:
        try:
            timing = measure(
                model.architecture, classes=model.classes, device=device, batch=batch, repeats=repeats, warmup=warmup
            )
            return timing.columns()
        except RuntimeError as error:
            if not is_out_of_memory(error) or batch <= 2:
                raise
        batch //= 2  # here, where the error's traceback no longer holds the tensors
        torch.cuda.empty_cache()


def times_table(rows: Iterable[dict]) -> pd.DataFrame:
    """The rows as a table; cells of models that were not timed are empty."""
    columns = ["model", *(field.name for field in fields(Timing))]
    return pd.DataFrame(list(rows), columns=columns, dtype=object)  # whole numbers beside empty cells stay whole
