"""What a preset will cost before anything is trained: a row per population and their total.

Populations are sampled, which is cheap, and the store is asked which runs it has. A network that was drawn before, in
this population or another, is one run and counts once.
"""

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from netspaces.cost.demands import Forecast, forecast
from netspaces.cost.prediction import Predictor
from netspaces.cost.sharing import shards
from netspaces.populations.population import Population
from netspaces.training.store import run_keys

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


def make(
    populations: Iterable[Population],
    predictors: Mapping[str, Predictor],
    models_per_job: int,
    networks_at_once: int,
    keys: Callable[[Population, Forecast], list[str]],
    trained: set[str],
) -> list[dict]:
    """A row per population, in order, and their total. Hours are of a core or a GPU and hold the starts of jobs.

    `predictors` are by dataset of the preset, `keys` names the runs of a population, `trained` those that exist. The
    hours left range over the spread of the prediction, `hours_left_low` to `hours_left_high`.
    """
    rows, counted = [], set()
    for population in populations:
        known = forecast(population.definition, population.regime, population.seed, population.n)
        names = keys(population, known)
        new = np.array([name not in counted and not counted.add(name) for name in names], bool)
        done = np.array([name in trained for name in names], bool)
        predictor = predictors[population.dataset]
        rows.append(_row(population, known, predictor, models_per_job, networks_at_once, new, done))
    rows.append({"population": "total"} | {name: sum(row[name] for row in rows) for name in SUMS})
    return rows


def _row(
    population: Population,
    known: Forecast,
    predictor: Predictor,
    models_per_job: int,
    networks_at_once: int,
    new: np.ndarray,
    done: np.ndarray,
) -> dict:
    """`new` marks the networks that none before is the same as, `done` those whose runs exist."""
    seconds = predictor.seconds(known.networks, population.recipe)
    jobs = len(shards(population.n, models_per_job))
    start = predictor.coefficients.per_job * jobs / population.n
    hours = (seconds / networks_at_once + start) / 3600
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
        "disk_mb": predictor.disk_mb(population.n, population.recipe),
        "note": known.note,
    }


def run_names(population: Population, known: Forecast, checksum: str) -> list[str]:
    """The keys of a population's runs; names of their own where networks are not known."""
    if known.drawn is None:
        return [f"{population.name}/{index}" for index in range(population.n)]
    return run_keys(known.drawn, population.recipe, population.training_seed, checksum)


def runs_in(store: str | Path) -> set[str]:
    """The keys of the runs that a store has."""
    return {path.stem for path in Path(store).glob("*.json")}


def csv_text(rows: Sequence[Mapping]) -> str:
    """The rows as CSV, numbers with six digits."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(COLUMNS), restval="", lineterminator="\n")
    writer.writeheader()
    short = lambda value: f"{value:.6g}" if isinstance(value, float) else value
    writer.writerows({name: short(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def printed(
    rows: Sequence[Mapping], predictors: Mapping[str, Predictor], models_per_job: int, networks_at_once: int
) -> str:
    """The rows for a terminal, under what they rest on."""
    cells = [list(COLUMNS.values()), *([shown(row.get(name, "")) for name in COLUMNS] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:-1], widths[1:-1]), line[-1]]).rstrip()
        for line in cells
    ]
    return "\n".join([*explanation(predictors, models_per_job, networks_at_once), "", *lines])


def shown(value: object) -> str:
    """A number with three digits at least, and no more of its fraction.

    >>> shown(13345.026), shown(0.0123456), shown(0.0), shown(7)
    ('13,345', '0.0123', '0', '7')
    """
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{digits}f}"


def explanation(predictors: Mapping[str, Predictor], models_per_job: int, networks_at_once: int) -> list[str]:
    """What a prediction rests on, in a few lines."""
    predictor = next(iter(predictors.values()))  # all have the same device and coefficients
    coefficients = predictor.coefficients
    unit, device = ("core", "CPU") if predictor.device == "cpu" else ("GPU", "GPU")
    origin = (
        f"fitted to {coefficients.runs:,} runs" if coefficients.runs else "the shipped guess for an unknown machine"
    )
    return [
        f"hours: {unit}-hours; networks per job: {models_per_job}, at once: {networks_at_once}",
        f"coefficients: {device}, {origin}",
        f"spread: nine of ten networks take 1/{coefficients.spread:.2g} to {coefficients.spread:.2g} times the "
        "prediction; from and to are that range for the hours left",
        *(_images(dataset, predictor) for dataset, predictor in predictors.items()),
    ]


def _images(dataset: str, predictor: Predictor) -> str:
    images = predictor.images
    counted = f"{images.train:,} training and {images.test:,} test images"
    counted += "" if images.known else f" (an assumption until they are prepared: snakemake prepare_{dataset})"
    stored = predictor.dataset.get("stored_resolution", predictor.dataset["resolution"])
    values = images.train * stored**2 + (images.validation + images.test) * predictor.dataset["resolution"] ** 2
    disk = values * predictor.dataset["channels"] / 2**20
    return f"images of {dataset}: {counted}; prepared they take {disk:,.0f} MB of disk"
