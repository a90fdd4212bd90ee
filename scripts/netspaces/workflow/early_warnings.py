"""What is worth a line before hours are spent: recipes of few steps, large batches, networks that learn nothing.

Also what a change of `keep_weights` does not bring.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.datasets import dataset_of, datasets_of, trained_recipe
from netspaces.data.image_counts import count_images
from netspaces.files.safe import DamagedFile, read_json
from netspaces.training.recipe import Recipe
from netspaces.training.records import DIVERGED, FINISHED
from netspaces.training.weights import HOW, KEPT, SUFFIX
from netspaces.workflow.paths import Paths

FEWEST_STEPS = 50  # of a training
FIRST = 5  # networks of a population that are waited for
LABELS = "labels"  # the target of which the number of answers is that of classes


def recipe_warnings(configuration: Configuration, paths: Paths) -> list[str]:
    """A line for all recipes of fewer than `FEWEST_STEPS` steps, and one for all whose batch is larger than the data.

    Only where the numbers of images are known: from the reader, or once the dataset is prepared.
    """
    settings, few, large = configuration.settings, [], []
    counts = {key: count_images(settings[key], paths.meta(key)) for key in datasets_of(settings)}
    for name, declared in settings["recipes"].items():
        images, recipe = counts[dataset_of(declared)], Recipe.from_dict(trained_recipe(declared))
        if not images.known or not images.train:
            continue
        steps = recipe.epochs * max(1, images.train // recipe.batch_size)
        if steps < FEWEST_STEPS:
            few.append(f"{name} ({steps})")
        if recipe.batch_size > images.train:
            large.append(f"{name} ({recipe.batch_size} of {images.train})")
    said = []
    if few:
        said.append(
            f"fewer than {FEWEST_STEPS} steps in all: recipes {', '.join(few)}; networks may not leave chance error"
        )
    if large:
        said.append(f"batch_size is more than the training images: recipes {', '.join(large)}; an epoch is one step")
    return [f"warning: {line}" for line in said]


def weights_missing(configuration: Configuration, paths: Paths) -> list[str]:
    """A line that counts the finished runs which `keep_weights` speaks of and which were trained without; or none."""
    keep, results = configuration.settings["keep_weights"], Path(paths.results)
    if not KEPT[keep]:
        return []
    kept = {path.stem for path in results.glob(f"runs/*{SUFFIX}")}
    if "population" in KEPT[keep]:
        records = [path for path in results.glob("runs/*.json") if path.stem not in kept]
    else:
        finals = configuration.final_populations
        records = [path for population in finals for path in results.glob(f"finals/{population}/*.json")]
    missing = set(filter(None, map(_finished_run, records))) - kept
    if not missing:
        return []
    return [
        f"keep_weights: {keep}, but the weights of {len(missing):,} runs in {results}/runs were not kept when they "
        f"were trained; none is trained again for that ({HOW})"
    ]


def _finished_run(path: Path) -> str | None:
    """The key of a record if its run is finished; a record that cannot be read is left to whoever needs it."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        record = json.loads(path.read_text(encoding="utf-8"))
        return str(record["key"]) if record["status"] == FINISHED else None
    return None


class FirstNetworks:
    """The first networks of each population as their jobs end; a line if none of them has learned anything.

    `classes` is the number of classes of the preset's images.
    """

    def __init__(self, classes: int) -> None:
        self.guessing = 1 / classes
        self.seen: dict[str, list[Mapping]] = {}

    def add(self, population: str, output: str | Path) -> str | None:
        """Take in what a training job wrote; the line, once for each population and as soon as it can be said."""
        records = self.seen.setdefault(population, [])
        if len(records) >= FIRST:
            return None
        try:
            written = read_json(output, "what a training job wrote", ["networks"])
        except (OSError, DamagedFile):
            return None  # whoever reads it next says so
        records += [network["record"] for network in written["networks"]]
        if len(records) < FIRST or not all(map(self._is_at_chance, records)):
            return None
        diverged = sum(record["status"] == DIVERGED for record in records)
        return (
            f"warning: the first {len(records)} networks of {population} are at chance error ({diverged} diverged, "
            f"{len(records) - diverged} learned nothing): look at images, learning rate and number of steps"
        )

    def _is_at_chance(self, record: Mapping) -> bool:
        """Whether a run diverged, or tells classes hardly better than guessing does.

        Hardly: the best accuracy of its epochs is at most twice that of guessing, and a tenth of the way to one above.
        """
        if record["status"] == DIVERGED:
            return True
        accuracy = 1 - record["error_min"] / 100
        target = record["recipe"].get("target", LABELS)
        limit = min(2 * self.guessing, self.guessing + 0.1 * (1 - self.guessing))
        return target == LABELS and accuracy <= limit
