"""What a preset will cost before anything is trained: a row per population and their total.

Populations are sampled, which is cheap, and the store is asked which runs it has. A network that another population
has drawn too is one run and counts once.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from netspaces.configuration.datasets import datasets_of
from netspaces.cost.chosen import shards_of
from netspaces.cost.coefficients import gain
from netspaces.cost.demands import Forecast, forecast_of
from netspaces.cost.prediction import Predictor
from netspaces.data.jpeg import JPEG_SHARE
from netspaces.data.meta import META, checksum_of
from netspaces.files.escaping import to_csv
from netspaces.populations.population import Population
from netspaces.training.store import run_keys
from netspaces.training.weights import KEPT

COLUMNS = {  # name in the file: header in the terminal
    "population": "population",
    "networks": "networks",
    "trained": "trained",
    "to_train": "to train",
    "jobs": "jobs",
    "seconds_median": "s/network",
    "seconds_max": "longest s",
    "hours": "hours",
    "hours_left": "left",
    "hours_left_low": "from",
    "hours_left_high": "to",
    "memory_mb": "MB/network",
    "disk_mb": "disk MB",
    "note": "",
}
HOURS = ("hours", "hours_left", "hours_left_low", "hours_left_high")
SUMS = ("networks", "trained", "to_train", "jobs", *HOURS, "disk_mb")


@dataclass(frozen=True)
class Plan:
    """What is to be trained and what that will cost.

    Parameters
    ----------
    rows : a row per population, in order, and their total; of the columns in `COLUMNS` the total has only sums.
    predictors : by dataset of the preset, what the hours rest on.
    models_per_job, networks_at_once : how networks are put into training jobs.
    gpus : how many jobs train at the same time, each on a GPU of its own; None if that is not known.
    keep_weights : whose weights the disk holds.
    """

    rows: Sequence[Mapping]
    predictors: Mapping[str, Predictor]
    models_per_job: int
    networks_at_once: int
    gpus: int | None = None
    keep_weights: str = "none"

    @property
    def csv(self) -> str:
        """The rows as CSV, numbers with six digits."""
        table = pd.DataFrame(self.rows, columns=list(COLUMNS))
        return to_csv(table, "%.6g")

    @property
    def text(self) -> str:
        """The rows for a terminal, under what they rest on."""
        cells = [list(COLUMNS.values()), *([shown(row.get(name, "")) for name in COLUMNS] for row in self.rows)]
        return "\n".join([*self.explanation, "", *aligned(cells)])

    @property
    def explanation(self) -> list[str]:
        """What the prediction rests on, in a few lines."""
        predictor = next(iter(self.predictors.values()))  # all have the same device and coefficients
        coefficients = predictor.coefficients
        unit, device = ("core", "CPU") if predictor.device == "cpu" else ("GPU", "GPU")
        origin = (
            f"fitted to {coefficients.runs:,} runs" if coefficients.runs else "the shipped guess for an unknown machine"
        )
        return [
            f"hours: {unit}-hours; networks per job: {self.models_per_job}, at once: {self.networks_at_once}",
            *self.on_gpus,
            f"coefficients: {device}, {origin}",
            f"spread: nine of ten networks take 1/{coefficients.spread:.2g} to {coefficients.spread:.2g} times the "
            "prediction; from and to are that range for the hours left",
            f"disk: records, and the weights that are kept (keep_weights: {self.keep_weights})",
            *(_images(dataset, predictor) for dataset, predictor in self.predictors.items()),
        ]

    @property
    def on_gpus(self) -> list[str]:
        """How long the hours left take on the GPUs that work at the same time, in a line; none if that is not known."""
        if not self.gpus or not self.rows[-1]["jobs"]:
            return []
        total = self.rows[-1]
        busy = min(self.gpus, total["jobs"])
        left, low, high = (shown(total[name] / busy) for name in ("hours_left", "hours_left_low", "hours_left_high"))
        gpus = f"{busy} GPUs" if busy > 1 else "1 GPU"
        return [f"{gpus} at the same time, one job on each: {left} hours left, from {low} to {high}"]


def plan_preset(
    populations: Mapping[str, Population],
    settings: Mapping,
    results: str | Path,
    gpus: int | None = None,
    finals: Collection[str] = (),
) -> Plan:
    """The plan of a preset.

    Parameters
    ----------
    populations : those of the default target that are our own, by name.
    settings : of the preset.
    results : its folder of results, in which prepared datasets, a fitted cost and runs count if they are there.
    gpus : how many jobs train at the same time, each on a GPU of its own; None if that is not known.
    finals : names of the populations whose best networks are trained again.
    """
    datasets = datasets_of(settings)
    return make_plan(
        list(populations.values()),
        {dataset: Predictor.of(settings, results, dataset) for dataset in datasets},
        {dataset: _checksum(Path(results), dataset) for dataset in datasets},
        runs_in(Path(results, "runs")),
        settings["models_per_job"],
        settings["networks_at_once"],
        gpus,
        settings["keep_weights"],
        dict.fromkeys(finals, settings["final_repetitions"]),
    )


def make_plan(
    populations: Sequence[Population],
    predictors: Mapping[str, Predictor],
    checksums: Mapping[str, str],
    trained: set[str],
    models_per_job: int,
    networks_at_once: int,
    gpus: int | None = None,
    keep_weights: str = "none",
    finals: Mapping[str, int] = MappingProxyType({}),
) -> Plan:
    """A row per population, in order, and their total.

    Parameters
    ----------
    populations : what is planned; a run that two of them share counts for the first.
    predictors, checksums : by dataset of the preset.
    trained : keys of the runs that exist.
    models_per_job, networks_at_once, gpus, keep_weights : as in `Plan`.
    finals : by population, final trainings of its best network, of which only kept weights count here.

    Hours are of a core or a GPU and hold the starts of jobs. The hours left range over the spread of the prediction,
    `hours_left_low` to `hours_left_high`.
    """
    rows: list[dict] = []
    planned: set[str] = set()
    for population in populations:
        known = forecast_of(population)
        keys = keys_of(population, known, checksums[population.dataset])
        jobs = len(shards_of(population.indices, models_per_job))
        rows.append(
            _row(
                population,
                known,
                predictors[population.dataset],
                jobs=jobs,
                networks_at_once=networks_at_once,
                new=_first_occurrences(keys, planned),
                done=np.array([key in trained for key in keys], bool),
                kept=kept_parameters(known.networks["params"], keep_weights, finals.get(population.name, 0)),
            )
        )
        planned.update(keys)
    rows.append({"population": "total"} | {name: sum(row[name] for row in rows) for name in SUMS})
    return Plan(rows, predictors, models_per_job, networks_at_once, gpus, keep_weights)


def _first_occurrences(keys: Sequence[str], planned: set[str]) -> np.ndarray:
    """Which of some keys, (n,), are neither planned yet nor came before among them."""
    new, seen = [], set(planned)
    for key in keys:
        new.append(key not in seen)
        seen.add(key)
    return np.array(new, bool)


def _row(
    population: Population,
    known: Forecast,
    predictor: Predictor,
    jobs: int,
    networks_at_once: int,
    new: np.ndarray,
    done: np.ndarray,
    kept: float,
) -> dict:
    """`new` marks the networks that none before is the same as, `done` those whose runs exist.

    `kept` is the number of parameters of all networks whose weights are kept.
    """
    seconds = predictor.seconds(known.networks, population.recipe)
    start = predictor.coefficients.per_job * jobs / population.n
    hours = (seconds / gain(predictor.device, networks_at_once) + start) / 3600
    left = new & ~done
    hours_left, spread = float(hours[left].sum()), predictor.coefficients.spread
    return {
        "population": population.name,
        "networks": population.n,
        "trained": int(done.sum()),
        "to_train": int(left.sum()),
        "jobs": jobs,
        "seconds_median": float(np.median(seconds)),
        "seconds_max": float(seconds.max()),
        "hours": float(hours[new].sum()),
        "hours_left": hours_left,
        "hours_left_low": hours_left / spread,
        "hours_left_high": hours_left * spread,
        "memory_mb": float(predictor.host_mb(known.networks, population.recipe).max()),
        "disk_mb": predictor.disk_mb(population.n, population.recipe, kept),
        "note": known.note,
    }


def kept_parameters(params: np.ndarray, keep_weights: str, finals: int = 0) -> float:
    """Parameters of all networks of a population whose weights are kept, by the configuration's `keep_weights`.

    `params` (n,) are those of its networks; each of `finals` trainings of the best one counts as the largest.
    """
    kept = KEPT[keep_weights]
    own = params.sum() if "population" in kept else 0
    return float(own + (finals * params.max() if "final" in kept else 0))


def keys_of(population: Population, known: Forecast, checksum: str) -> list[str]:
    """The keys of a population's runs; names of their own where networks are not known."""
    if known.drawn is None:
        return [f"{population.name}/{index}" for index in population.indices]
    keys = run_keys(known.drawn, population.recipe, population.training_seed, checksum)
    return [keys[index] for index in population.indices]


def runs_in(store: str | Path) -> set[str]:
    """The keys of the runs that a store has."""
    return {path.stem for path in Path(store).glob("*.json")}


def _checksum(results: Path, dataset: str) -> str:
    """The checksum of a prepared dataset; the dataset's own key where it is not prepared, and nothing trained on it."""
    return checksum_of(results / dataset) if (results / dataset / META).exists() else dataset


# ---- For a terminal --------------------------------------------------------------------------------------------------


def aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines: the first and the last column to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for first, *numbers, last in cells:
        middle = map(str.rjust, numbers, widths[1:-1])
        lines.append("  ".join([first.ljust(widths[0]), *middle, last]).rstrip())
    return lines


def shown(value: object) -> str:
    """A number with three digits at least, and no more of its fraction.

    >>> shown(13345.026), shown(0.0123456), shown(0.0), shown(7)
    ('13,345', '0.0123', '0', '7')
    """
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{digits}f}"


def _images(dataset: str, predictor: Predictor) -> str:
    images = predictor.images
    counted = f"{images.train:,} training and {images.test:,} test images"
    counted += "" if images.known else f" (an assumption until they are prepared: snakemake prepare_{dataset})"
    stored = predictor.dataset.get("stored_resolution", predictor.dataset["resolution"])
    values = images.train * stored**2 + (images.validation + images.test) * predictor.dataset["resolution"] ** 2
    disk, kind = values * predictor.dataset["channels"], ""
    if predictor.dataset.get("stored_as") == "jpeg":
        disk, kind = JPEG_SHARE * disk, "about "
    size = f"{disk / 1e9:,.0f} GB" if disk >= 1e10 else f"{disk / 1e6:,.0f} MB"
    return f"images of {dataset}: {counted}; prepared they take {kind}{size} of disk"
