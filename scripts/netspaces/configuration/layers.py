"""The layers of the settings: the command line, its files, the preset's file and config.yaml; an earlier one wins."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from netspaces.configuration.datasets import FIRST, SECOND, without_second
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.merging import merge, merge_spaces
from netspaces.configuration.recipes import extend_any, resolved, without_replaced
from netspaces.data.options import OF_EVERY_DATASET, with_whole_numbers

COMMAND_LINE = "command line (--config, --configfile)"


@dataclass(frozen=True)
class Layers:
    """The settings by the name of their source, the one that wins first; `preset_file` is the preset's source.

    `named_recipes` are those of config/recipes.yaml, if a recipe extends one.
    """

    by_source: Mapping[str, Mapping]
    preset_file: str
    named_recipes: Mapping[str, Mapping] = field(default_factory=dict)

    @cached_property
    def settings(self) -> dict:
        """What they say together.

        A dataset of another name drops the options of the one before it, and its second; a recipe that extends one
        drops what was said of it before.
        """
        settings: dict = {}
        spaces: dict = {}
        for layer in reversed(list(self.by_source.values())):
            settings = merge(without_replaced(_for_other_datasets(settings, layer), layer), layer)
            spaces = merge_spaces(spaces, layer.get("design_spaces", {}))
        if extend_any(settings.get("recipes")):
            settings["recipes"] = self._extended(settings["recipes"])
        datasets = {key: with_whole_numbers(settings[key]) for key in (FIRST, SECOND) if key in settings}
        return settings | datasets | ({"design_spaces": spaces} if spaces else {})

    def _extended(self, recipes: Mapping[str, Mapping]) -> dict[str, dict]:
        try:
            return resolved(recipes, self.named_recipes)
        except ConfigError as error:
            raise ConfigError(f"{self.source(*str(error).split(':')[0].split('.'))}: {error}") from None

    def source(self, *path: str | int) -> str:
        """Which source decides the setting at a path; the preset's file for one that no source states."""
        for source, layer in self.by_source.items():
            if path and _states(layer, path):
                return source
        return self.preset_file


def _for_other_datasets(settings: Mapping, layer: Mapping) -> dict:
    """Settings without the options of datasets that a layer replaces; a second dataset goes with the first."""
    for key in (FIRST, SECOND):
        before = settings.get(key, {})
        if layer.get(key, {}).get("name") not in (None, before.get("name")):
            settings = without_second(settings) if key == FIRST else settings
            kept = {name: value for name, value in before.items() if name in OF_EVERY_DATASET}
            settings = dict(settings) | {key: kept | {"name": layer[key]["name"]}}
    return dict(settings)


def _states(content: object, path: Iterable[str | int]) -> bool:
    """Whether there is a value at a path through mappings and lists."""
    for part in path:
        try:
            content = content[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return False
    return True
