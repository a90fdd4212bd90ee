"""What networks cost, by every measure at hand: counted complexities, and times measured under several conditions.

Times come from `times_by_setting/POPULATION.csv`, an input of a study under the population's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from netspaces.studies.study import Curve, Study

COUNTED = {"flops": "flops", "params": "parameters", "activations": "activations"}
COLUMNS = ["processor", "precision", "batch", "device"]
PROCESSORS = {"cpu": "CPU", "cuda": "GPU"}


@dataclass(frozen=True)
class Conditions:
    """Under what networks were timed."""

    processor: str  # cpu or cuda
    precision: str
    batch: int
    device: str  # its name

    @property
    def name(self) -> str:
        """The conditions in few words: CPU, fp32, 64 images."""
        images = "1 image" if self.batch == 1 else f"{self.batch} images"
        return f"{PROCESSORS.get(self.processor, self.processor)}, {self.precision}, {images}"


def conditions_of(study: Study, curves: Sequence[Curve]) -> list[Conditions]:
    """The conditions under which all curves that have runs were timed, in the order of the measurements."""
    tables = [study.inputs.get(curve.population) for curve in curves if len(curve.table)]
    by_curve = [_conditions(table) for table in tables if isinstance(table, pd.DataFrame)]
    if not by_curve or len(by_curve) < len(tables):
        return []
    first, *others = by_curve
    return [conditions for conditions in first if all(conditions in other for other in others)]


def _conditions(table: pd.DataFrame) -> list[Conditions]:
    rows = table[COLUMNS].drop_duplicates().itertuples(index=False)
    return [
        Conditions(processor=processor, precision=precision, batch=batch, device=device)
        for processor, precision, batch, device in rows
    ]


def measurements(study: Study, curve: Curve, conditions: Conditions) -> pd.DataFrame:
    """A population's measurements under some conditions, a row per network."""
    table = _table(study, curve)
    same = np.logical_and.reduce([table[column] == getattr(conditions, column) for column in COLUMNS])
    return table[same].reset_index(drop=True)


def inference_times(study: Study, curve: Curve, conditions: Conditions) -> np.ndarray:
    """Milliseconds of inference of the networks of a curve, (n,), in the order of its table."""
    by_network = measurements(study, curve, conditions).set_index("index")["inference_ms"]
    return curve.table["index"].map(by_network).to_numpy(float)


def complexities(study: Study, curves: Sequence[Curve]) -> dict[str, dict[str, np.ndarray]]:
    """By complexity, counted or the time under some conditions: the networks' values by population."""
    present = [curve for curve in curves if len(curve.table)]
    values = {
        name: {curve.population: curve.table[column].to_numpy(float) for curve in present}
        for column, name in COUNTED.items()
    }
    for conditions in conditions_of(study, curves):
        values[f"time: {conditions.name}"] = {c.population: inference_times(study, c, conditions) for c in present}
    return values


def _table(study: Study, curve: Curve) -> pd.DataFrame:
    """The measurements of a population; raises ValueError if the study has none."""
    table = study.inputs.get(curve.population)
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"{study.name}: {curve.population} was not timed")
    return table


def timing_note(study: Study, curves: Sequence[Curve]) -> str:
    """On what times were measured, as a sentence without its full stop."""
    conditions = conditions_of(study, curves)
    if not conditions:
        return "times were not measured"
    devices = ", ".join(dict.fromkeys(each.device for each in conditions))
    first = next(curve for curve in curves if len(curve.table))
    table = _table(study, first)
    fewest, warmup, threads = (int(table[column].min()) for column in ("repeats", "warmup", "threads"))
    return f"times: medians of {fewest} or more passes after {warmup} for warm-up on {devices}, threads: {threads}"
