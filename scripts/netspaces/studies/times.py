"""What networks cost, by every measure at hand: counted complexities, and times measured in several settings.

Times come from `times_by_setting/POPULATION.csv`, an input of a study under the population's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from netspaces.studies.study import Curve, Study

COUNTED = {"flops": "flops", "params": "parameters", "activations": "activations"}
PROCESSORS = {"cpu": "CPU", "cuda": "GPU"}


@dataclass(frozen=True)
class Setting:
    """In what networks were timed."""

    processor: str  # cpu or cuda
    precision: str
    batch: int
    device: str  # its name

    @property
    def name(self) -> str:
        """In few words: CPU, fp32, 64 images."""
        images = "1 image" if self.batch == 1 else f"{self.batch} images"
        return f"{PROCESSORS.get(self.processor, self.processor)}, {self.precision}, {images}"


def settings_of(study: Study, curves: Sequence[Curve]) -> list[Setting]:
    """The settings in which all curves that have runs were timed, in the order of the measurements."""
    columns = ["processor", "precision", "batch", "device"]
    tables = [study.inputs.get(curve.population) for curve in curves if len(curve.table)]
    if not tables or any(table is None for table in tables):
        return []
    found = [[Setting(*row) for row in table[columns].drop_duplicates().itertuples(index=False)] for table in tables]
    return [setting for setting in found[0] if all(setting in others for others in found[1:])]


def measured(study: Study, curve: Curve, setting: Setting) -> pd.DataFrame:
    """A population's measurements in a setting, a row per network."""
    table = study.inputs[curve.population]
    keys = ("processor", "precision", "batch", "device")
    here = np.logical_and.reduce([table[key] == getattr(setting, key) for key in keys])
    return table[here].reset_index(drop=True)


def times(study: Study, curve: Curve, setting: Setting) -> np.ndarray:
    """Milliseconds of inference of the networks of a curve, (n,), in the order of its table."""
    taken = measured(study, curve, setting).set_index("index")["inference_ms"]
    return curve.table["index"].map(taken).to_numpy(float)


def budgets(study: Study, curves: Sequence[Curve]) -> dict[str, dict[str, np.ndarray]]:
    """By budget (a complexity, or the time in a setting), the networks' values by population."""
    there = [curve for curve in curves if len(curve.table)]
    found = {name: {c.population: c.table[column].to_numpy(float) for c in there} for column, name in COUNTED.items()}
    for setting in settings_of(study, curves):
        found[f"time: {setting.name}"] = {c.population: times(study, c, setting) for c in there}
    return found


def timing_note(study: Study, curves: Sequence[Curve]) -> str:
    """On what times were measured, as a sentence without its full stop."""
    settings = settings_of(study, curves)
    if not settings:
        return "times were not measured"
    devices = ", ".join(dict.fromkeys(setting.device for setting in settings))
    first = next(curve for curve in curves if len(curve.table))
    table = study.inputs[first.population]
    fewest, warmup, threads = (int(table[column].min()) for column in ("repeats", "warmup", "threads"))
    return f"times: medians of {fewest} or more passes after {warmup} for warm-up on {devices}, threads: {threads}"
