"""Loading the configuration: files and command line are read, checked and resolved into populations.

Everything that is wrong is said in one line that names the file, the key and what was expected, before any job starts.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from netspaces.configuration.checks import check_references, check_settings, source_of
from netspaces.configuration.configuration import Configuration
from netspaces.configuration.curves import complete_claim, complete_study
from netspaces.configuration.design_spaces import read_design_spaces
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import COMMAND_LINE, Layers
from netspaces.configuration.merging import merge
from netspaces.configuration.presets import preset_layers, without_extends
from netspaces.configuration.recipes import extend_any
from netspaces.configuration.schemas import Schemas
from netspaces.configuration.yaml_files import from_command_line, read_yaml
from netspaces.plugins.loading import PluginError, load_plugins


def load(given: Mapping, folder: str | Path = "config", files: Sequence[str | Path] = ()) -> Configuration:
    """Read and check the configuration in `folder`, and load the plug-ins that it names.

    `given`, the values of the command line, wins over `files` that it names, a later one of them over an earlier one,
    these over the preset's file, that over what it extends, and this over config.yaml. Raises ConfigError.
    """
    folder = Path(folder)
    layers = _read_layers(given, folder, files)
    schemas = _load_plugins(layers, folder)
    layers = _checked_layers(layers, folder, schemas)
    spaces = read_design_spaces(folder / "design_spaces.yaml", layers, schemas)
    studies = _completed("studies", complete_study, _read("studies", layers, folder, schemas), layers, folder)
    claims = _completed("claims", complete_claim, _read("claims", layers, folder, schemas), layers, folder)
    sources = {study: source_of("studies", study, layers, folder) for study in studies}
    configuration = Configuration(layers.settings, spaces, studies, claims, sources)
    check_references(configuration, layers, folder)
    return configuration


def _read_layers(given: Mapping, folder: Path, files: Sequence[str | Path]) -> Layers:
    """The layers of the settings; raises ConfigError for a preset that there is not."""
    by_source = {COMMAND_LINE: from_command_line(given, COMMAND_LINE)}
    by_source |= {str(file): read_yaml(Path(file)) for file in reversed(files)}
    general = {str(folder / "config.yaml"): read_yaml(folder / "config.yaml")}
    stated = [(source, layer["preset"]) for source, layer in (by_source | general).items() if "preset" in layer]
    source, preset = stated[0] if stated else (next(iter(general)), None)
    preset_file, presets = preset_layers(preset, source, by_source, folder)
    given = {source: without_extends(layer) for source, layer in by_source.items()}
    return Layers(given | presets | general, preset_file)


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


def _checked_layers(layers: Layers, folder: Path, schemas: Schemas) -> Layers:
    """The layers with whole numbers where integers are wanted; each is checked, then what they say together.

    With them are the named recipes, if any recipe extends another.
    """
    checked = {
        source: schemas.check(content, "config.schema.yaml", source, partial=True)
        for source, content in layers.by_source.items()
    }
    named: Mapping = {}
    if any(extend_any(content.get("recipes")) for content in checked.values()):
        file = folder / "recipes.yaml"
        named = schemas.check(read_yaml(file), "recipes.schema.yaml", str(file))
    layers = Layers(checked, layers.preset_file, named)
    whole = {key: value for key, value in layers.settings.items() if key not in ("studies", "claims")}  # add to files
    schemas.check(whole, "config.schema.yaml", layers)
    check_settings(layers)
    return layers


def _read(kind: str, layers: Layers, folder: Path, schemas: Schemas) -> dict[str, dict]:
    """The studies or claims of their file, changed by the settings."""
    file, schema = folder / f"{kind}.yaml", f"{kind}.schema.yaml"
    declared = schemas.check(read_yaml(file), schema, str(file))
    if kind not in layers.settings:
        return declared
    return schemas.check(merge(declared, layers.settings[kind]), schema, f"{layers.source(kind)}: {kind}")


def _completed(
    kind: str, complete: Callable[[Mapping], dict], contents: Mapping[str, Mapping], layers: Layers, folder: Path
) -> dict[str, dict]:
    """Studies or claims from their short forms; raises ConfigError for what cannot be completed."""
    completed = {}
    for name, content in contents.items():
        try:
            completed[name] = complete(content)
        except ValueError as error:
            raise ConfigError(f"{source_of(kind, name, layers, folder)}: {name}: {error}") from None
    return completed
