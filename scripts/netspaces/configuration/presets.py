"""The preset that runs: its file, and the presets that it extends, one below the other."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from netspaces.configuration.datasets import FIRST, SECOND
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.names import PRESET_NAME
from netspaces.configuration.yaml_files import read_yaml, shown
from netspaces.files.suggestions import did_you_mean, one_of

EXTENDS = "extends"
OF_ITS_OWN = ("preset", "name", "description")  # keys of a preset that one which extends it does not take


def preset_layers(
    preset: object, source: str, given: Mapping[str, Mapping], folder: Path
) -> tuple[str, dict[str, dict]]:
    """The file of a preset, and the layers below those that are given: its own, then what it extends.

    Parameters
    ----------
    preset, source : the name of the preset, and which source states it.
    given : the layers of the command line and its files; a file that says `preset` and `extends` is a preset itself.
    folder : of the configuration.

    The layers say no `extends` any more. Raises ConfigError for a preset or an extended one that there is not, and for
    presets that extend each other in a circle.
    """
    path = folder / "presets" / f"{preset}.yaml"
    is_there = isinstance(preset, str) and PRESET_NAME.fullmatch(preset) is not None and path.exists()
    extending = [name for name, layer in given.items() if EXTENDS in layer and name != str(path)]
    for name in extending:
        others = [other for other in extending if other != name] or [str(path)] * is_there
        _check_is_the_preset(name, given[name], preset, others)
    if not is_there and not extending and not any(FIRST in layer for layer in given.values()):
        raise ConfigError(f"{source}: preset: got {shown(preset)}, expected {one_of(preset, _known(folder))}")
    if extending:
        start = extending[0]
        return start, _extended(start, given[start], folder)
    if not is_there:
        return f"{path} (no such file)", {}
    content = given[str(path)] if str(path) in given else read_yaml(path)  # it may be among the files that are given
    if content.get("preset", preset) != preset:
        raise ConfigError(f"{path}: preset: got {shown(content['preset'])}, expected the file's name {preset!r}")
    own = {} if str(path) in given else {str(path): without_extends(content)}
    return str(path), own | _extended(str(path), content, folder)


def without_extends(content: Mapping) -> dict:
    """A layer once what it extends is a layer below it."""
    return {key: value for key, value in content.items() if key != EXTENDS}


def _check_is_the_preset(name: str, layer: Mapping, preset: object, others: Sequence[str]) -> None:
    """Check that a source which extends a preset is the preset that runs; `others` are more sources of it."""
    where = f"{name}: {EXTENDS}: got {shown(layer[EXTENDS])}"
    if layer.get("preset") != preset:
        raise ConfigError(f"{where}, expected it beside preset: NAME, in the file of the preset that runs")
    if others:
        raise ConfigError(f"{where}, but preset {preset} is also that of {others[0]}; expected one file of a preset")


def _extended(start: str, content: Mapping, folder: Path) -> dict[str, dict]:
    """What a preset extends, the nearest first, each without what it has for itself.

    A dataset that says its name is whole: it replaces that of a preset below, and its second dataset with it.
    """
    layers: dict[str, dict] = {}
    chain, replaced = [start], False
    while EXTENDS in content:
        replaced = replaced or _states(content.get(FIRST), "name")
        path = _base_of(chain[-1], content[EXTENDS], folder)
        if any(path.resolve() == Path(file).resolve() for file in chain):
            circle = " > ".join([*chain, str(path)])
            raise ConfigError(f"{chain[-1]}: {EXTENDS}: got {shown(content[EXTENDS])}, a circle: {circle}")
        chain.append(str(path))
        content = read_yaml(path)
        inherited = {key: value for key, value in content.items() if key not in (*OF_ITS_OWN, EXTENDS)}
        layers[str(path)] = _without_datasets(inherited) if replaced else inherited
    return layers


def _base_of(file: str, named: object, folder: Path) -> Path:
    """The file of the preset that one extends: a name in config/presets, or a path."""
    path = None
    if isinstance(named, str) and named.endswith((".yaml", ".yml")):
        path = Path(named).expanduser()
    elif isinstance(named, str) and PRESET_NAME.fullmatch(named):
        path = folder / "presets" / f"{named}.yaml"
    if path is not None and path.is_file():
        return path
    known = _known(folder)
    expected = f"one of {', '.join(known)}, or the path of a .yaml file from where snakemake is started"
    expected += did_you_mean(named, known)
    raise ConfigError(f"{file}: {EXTENDS}: got {shown(named)}, expected {expected}")


def _known(folder: Path) -> list[str]:
    return sorted(file.stem for file in (folder / "presets").glob("*.yaml"))


def _without_datasets(content: Mapping) -> dict:
    """A layer, which may be wrong yet, without its datasets and the recipes that say which of them they train on."""
    kept = {key: value for key, value in content.items() if key not in (FIRST, SECOND)}
    if isinstance(kept.get("recipes"), Mapping):
        kept["recipes"] = {name: recipe for name, recipe in kept["recipes"].items() if not _states(recipe, FIRST)}
    return kept


def _states(content: object, key: str) -> bool:
    return isinstance(content, Mapping) and key in content
