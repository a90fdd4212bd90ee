"""The target `new_preset`: a preset proposed for a folder of images, checked, written, and explained."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.datasets import FIRST
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.configuration.proposal import Choice, propose, settings_of, text_of
from netspaces.cost.prediction import Predictor
from netspaces.data.image_counts import ImageCounts
from netspaces.data.inspection import Found, look_at
from netspaces.workflow.gpus import has_gpu
from netspaces.workflow.params import run_populations
from netspaces.workflow.plan import make_plan

FIGURE = "fig09_regnet"
RARE = "upper limits of the regime"  # how the note of a population begins of which no network was found


def new_preset(settings: Mapping, folder: str | Path) -> str:
    """Look at the images that `settings` name (`folder` or `file`), write a preset `name`, and say what was chosen.

    `folder` is that of the configuration. Raises DatasetError for images that no reader takes, ConfigError for a preset
    that is there already.
    """
    name, path = settings["name"], Path(folder) / "presets" / f"{settings['name']}.yaml"
    if path.exists():
        raise ConfigError(f"{path}: there is this preset already, expected --config name=NAME of none")
    found = look_at(settings.get("file") or settings["folder"], is_file="file" in settings)
    choices = propose(found, name, folder, has_gpu=has_gpu())
    configuration = load(settings_of(choices), folder)
    total, *notes = _planned(configuration, found)
    with open(path, "x", encoding="utf-8") as file:
        file.write(text_of(choices))
    return "\n".join([*_seen(found), *_chosen(choices), *notes, f"wrote {path}: {total}", *_next(name)])


def _planned(configuration: Configuration, found: Found) -> list[str]:
    """What the default target will cost, and a line per population whose networks are too rare to be found."""
    settings, nowhere = configuration.settings, configuration.name
    predictor = replace(Predictor.of(settings, nowhere), images=ImageCounts(found.train, found.test))
    populations = list(run_populations(configuration, None).values())
    at_once = settings["models_per_job"], settings["networks_at_once"]
    *rows, total = make_plan(populations, {FIRST: predictor}, {FIRST: FIRST}, set(), *at_once).rows
    unit = "core" if settings["device"] == "cpu" else "GPU"
    said = f"plain snakemake would train {total['to_train']:,} networks, about {total['hours']:.2g} {unit}-hours"
    return [said, *(f"  {row['population']}: {row['note']}" for row in rows if row["note"].startswith(RARE))]


def _seen(found: Found) -> list[str]:
    """What the look at the images found, a line each."""
    smallest, largest = min(found.per_class), max(found.per_class)
    return [*found.sources, f"{len(found.per_class)} classes, of {smallest:,} to {largest:,} training images"]


def _chosen(choices: list[Choice]) -> list[str]:
    return [f"  {choice.key}: {choice.reason}" for choice in choices if choice.reason]


def _next(name: str) -> list[str]:
    return [f"next: snakemake {target} --config preset={name}" for target in ("prepare_dataset", "plan", FIGURE)]
