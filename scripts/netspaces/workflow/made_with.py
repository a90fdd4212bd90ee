"""What a folder of results was made with: dataset and recipes, which a later run under the same name must share.

Results have names of populations and studies, not of their contents, so a run with another recipe of the same name
would replace them. `made_with.json` remembers; what is new there is added, and what differs is refused before any job.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from netspaces.configuration.datasets import FIRST, datasets_of
from netspaces.configuration.errors import ConfigError
from netspaces.files.safe import read_json, write_json
from netspaces.training.recipe import Recipe

QUESTIONS = frozenset(
    "plan preview failures check_cluster visit_node verify new_preset check_import "
    "adopt_runs save_runs restore_runs".split()
)
"""Rules that ask about results and make none."""

PLACES = ("folder", "file")  # keys of a dataset that are paths: where they lead counts, not how they are spelled


class MadeWith:
    """What a folder of results was and will be made with.

    Parameters
    ----------
    results : the folder.
    settings : of the preset, complete and checked.
    """

    def __init__(self, results: str | Path, settings: Mapping) -> None:
        self.path = Path(results) / "made_with.json"
        self.now = {
            "datasets": {key: _dataset(settings[key]) for key in datasets_of(settings)},
            "recipes": {name: _recipe(recipe) for name, recipe in settings["recipes"].items()},
        }

    def check(self) -> None:
        """Raise ConfigError, naming the first key that differs, if the results were made with something else."""
        for (kind, name), before in self._before().items():
            now = self.now[kind].get(name, before)
            for key in sorted({*before, *now}):
                if before.get(key) != now.get(key):
                    where = f"{name}.{key}" if kind == "datasets" else f"recipes.{name}.{key}"
                    raise ConfigError(
                        f"{where}: got {now.get(key)!r}, but {self.path.parent} was made with {before.get(key)!r}: "
                        f"give this run a folder of its own with --config name=NAME, or delete {self.path} to replace "
                        "those results"
                    )

    def remember(self, rules: Iterable[str]) -> None:
        """Add what is new to the file, once jobs of these rules are about to run; questions leave no trace."""
        if QUESTIONS.issuperset(rules):
            return
        known: dict[str, dict] = {"datasets": {}, "recipes": {}}
        for (kind, name), values in self._before().items():
            known[kind][name] = values
        whole = {kind: known[kind] | self.now[kind] for kind in known}
        if whole != known:
            write_json(self.path, whole)

    def _before(self) -> dict[tuple[str, str], Mapping]:
        """What the file says, by kind and name; nothing if there is none yet."""
        try:
            known = read_json(self.path, "what results were made with", list(self.now))
        except FileNotFoundError:
            return {}
        return dict(_entries(known))


def _entries(known: Mapping) -> Iterator[tuple[tuple[str, str], Mapping]]:
    for kind in ("datasets", "recipes"):
        for name, values in known[kind].items():
            yield (kind, name), values


def _dataset(declared: Mapping) -> dict:
    """A dataset by meaning; of paths only where they lead."""
    places = {key: os.path.relpath(os.path.realpath(declared[key])) for key in PLACES if key in declared}
    return dict(declared) | places


def _recipe(declared: Mapping) -> dict:
    """A recipe by meaning: with its defaults, and with the dataset that it trains on."""
    values = {key: value for key, value in declared.items() if key != "dataset"}
    return {"dataset": declared.get("dataset", FIRST)} | Recipe.from_dict(values).to_dict()
