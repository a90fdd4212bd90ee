"""Loading the configuration: files and command line are read, checked and resolved into populations.

Everything that is wrong is said in one line that names the file, the key and what was expected, before any job starts.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from netspaces.configuration.checks import check_references, check_settings
from netspaces.configuration.configuration import Configuration
from netspaces.configuration.curves import complete_claim, complete_study
from netspaces.configuration.design_spaces import read_design_spaces
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import COMMAND_LINE, Layers
from netspaces.configuration.merging import merge
from netspaces.configuration.schemas import Schemas
from netspaces.configuration.yaml_files import read_yaml
from netspaces.plugins.loading import PluginError, load_plugins


def load(given: Mapping, folder: str | Path = "config") -> Configuration:
    """Read and check the configuration in `folder`, and load the plug-ins that it names.

    `given`, what the command line says, wins over the preset's file, and that over config.yaml. Raises ConfigError.
    """
    folder = Path(folder)
    layers = _read_layers(given, folder)
    schemas = _load_plugins(layers, folder)
    _check_layers(layers, schemas)
    spaces = read_design_spaces(folder / "design_spaces.yaml", layers, schemas)
    studies = _completed("studies", complete_study, _read("studies", layers, folder, schemas), layers, folder)
    claims = _completed("claims", complete_claim, _read("claims", layers, folder, schemas), layers, folder)
    configuration = Configuration(layers.settings, spaces, studies, claims)
    check_references(configuration, layers, folder)
    return configuration


def _read_layers(given: Mapping, folder: Path) -> Layers:
    """The layers of the settings; raises ConfigError for a preset that there is not."""
    given = json.loads(json.dumps(given, default=str))  # keys are text, as in files
    general = read_yaml(folder / "config.yaml")
    preset = given.get("preset", general.get("preset"))
    path = folder / "presets" / f"{preset}.yaml"
    if not path.exists() and "dataset" not in given:
        source = COMMAND_LINE if "preset" in given else folder / "config.yaml"
        known = ", ".join(sorted(file.stem for file in (folder / "presets").glob("*.yaml")))
        raise ConfigError(f"{source}: preset: got {preset!r}, expected one of {known}")
    content = read_yaml(path) if path.exists() else {}
    if content.get("preset", preset) != preset:
        raise ConfigError(f"{path}: preset: got {content['preset']!r}, expected the file's name {preset!r}")
    return Layers(
        command_line=given,
        preset=content,
        general=general,
        preset_file=str(path) if path.exists() else f"{path} (no such file)",
        general_file=str(folder / "config.yaml"),
    )


def _load_plugins(layers: Layers, folder: Path) -> Schemas:
    """Load the plug-ins that the settings name, then the schemas, which hold the names of their entries.

    What is no list of paths is left to the schemas to refuse. Raises ConfigError for a plug-in that cannot be loaded or
    whose entry no registry takes.
    """
    source = next((source for source, layer in layers.by_source.items() if "plugins" in layer), "")
    paths = layers.by_source[source]["plugins"] if source else []
    try:
        load_plugins(paths if isinstance(paths, list) and all(isinstance(path, str) for path in paths) else [])
        return Schemas(folder / "schemas")
    except PluginError as error:
        raise ConfigError(f"{source}: {error}") from error


def _check_layers(layers: Layers, schemas: Schemas) -> None:
    """Check each layer by itself, then what they say together."""
    for source, content in layers.by_source.items():
        schemas.check(content, "config.schema.yaml", source, partial=True)
    whole = {key: value for key, value in layers.settings.items() if key not in ("studies", "claims")}  # add to files
    schemas.check(whole, "config.schema.yaml", layers)
    check_settings(layers)


def _read(kind: str, layers: Layers, folder: Path, schemas: Schemas) -> dict[str, dict]:
    """The studies or claims of their file, changed by the settings."""
    file, schema = folder / f"{kind}.yaml", f"{kind}.schema.yaml"
    declared = read_yaml(file)
    schemas.check(declared, schema, str(file))
    changed = merge(declared, layers.settings.get(kind, {}))
    schemas.check(changed, schema, f"{layers.source(kind)}: {kind}")
    return changed


def _completed(
    kind: str, complete: Callable[[Mapping], dict], contents: Mapping[str, Mapping], layers: Layers, folder: Path
) -> dict[str, dict]:
    """Studies or claims from their short forms; raises ConfigError for what cannot be completed."""
    completed = {}
    for name, content in contents.items():
        try:
            completed[name] = complete(content)
        except ValueError as error:
            is_changed = name in layers.settings.get(kind, {})
            source = f"{layers.source(kind, name)}: {kind}" if is_changed else folder / f"{kind}.yaml"
            raise ConfigError(f"{source}: {name}: {error}") from None
    return completed
