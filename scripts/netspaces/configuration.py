"""Configuration: design spaces, studies and a preset, read, checked and resolved into populations.

Everything that is wrong is said in one line that names the file, the key and what was expected, before any job starts.
Nothing is sampled here: reading the configuration is cheap, since every job of the workflow repeats it.
"""

import itertools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource

from netspaces.dealing import Shard, shards
from netspaces.readers import OF_EVERY_DATASET, complaint
from netspaces.spaces import Space, decide

COMMAND_LINE = "command line (--config, --configfile)"
TYPES = {"object": "a mapping", "array": "a list", "string": "text", "integer": "an integer", "number": "a number"}
EXPECTED = {  # what the keywords of a schema mean to the person who wrote the file
    "enum": "one of {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "minProperties": "at least {} key",
    "uniqueItems": "each value once",
    "pattern": "a name that matches {}",
}


class ConfigError(ValueError):
    """Wrong configuration; the message, always one line, names file, key and expectation."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


@dataclass(frozen=True)
class Population:
    """n architectures of one design space in one regime, to be trained with one recipe."""

    name: str
    space: str
    definition: Mapping
    regime: Mapping
    recipe: Mapping
    n: int
    seed: int

    def shards(self, models_per_job: int) -> dict[str, Shard]:
        """The training jobs by name, and among which networks each takes its share."""
        return shards(self.n, models_per_job)


@dataclass(frozen=True)
class Configuration:
    """The checked configuration of one preset."""

    settings: Mapping
    spaces: Mapping[str, Mapping]
    studies: Mapping[str, Mapping]

    @property
    def preset(self) -> str:
        """The name of the preset."""
        return self.settings["preset"]

    def curves(self, study: str) -> dict[str, list[dict]]:
        """The panels of a study; each curve with space, regime, recipe, label and population."""
        panels = {}
        for panel, curves in self.studies[study].get("panels", {}).items():
            panels[panel] = []
            for curve in curves:
                curve = {"space": curve} if isinstance(curve, str) else dict(curve)
                curve = {"regime": "base", "recipe": "short", "label": curve["space"]} | curve
                curve["population"] = "-".join(curve[part] for part in ("space", "regime", "recipe"))
                panels[panel].append(curve)
        return panels

    @cached_property
    def populations(self) -> dict[str, Population]:
        """Every population that a study of the default target asks for, by name."""
        found = {}
        for study in self.run_studies:
            for curve in (curve for curves in self.curves(study).values() for curve in curves):
                name = curve["population"]
                found[name] = Population(
                    name=name,
                    space=curve["space"],
                    definition={k: v for k, v in self.spaces[curve["space"]].items() if k != "description"},
                    regime=self.settings["regimes"][curve["regime"]],
                    recipe=self.settings["recipes"][curve["recipe"]],
                    n=self.settings.get("population_sizes", {}).get(name, self.settings["population_size"]),
                    seed=self.settings["seed"],
                )
        return found

    @property
    def run_studies(self) -> list[str]:
        """The studies of the default target."""
        return list(self.settings.get("run_studies", self.studies))


def merge(base: Mapping, over: Mapping) -> dict:
    """Deep merge: mappings are merged, anything else in `over` replaces what `base` has."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def merge_space(base: Mapping, over: Mapping) -> dict:
    """Merge design spaces: as `merge`, but only part of a range merges, with a range; an order replaces an order."""
    merged, before = merge(base, over), base.get("parameters", {})
    for name, declared in over.get("parameters", {}).items():
        ranges = all(isinstance(d, Mapping) and "choice" not in d for d in (declared, before.get(name)))
        if not ranges or {"distribution", "low", "high"}.issubset(declared):
            merged["parameters"][name] = declared
    return merged | ({"monotone": base.get("monotone", {}) | over["monotone"]} if "monotone" in over else {})


def merge_spaces(base: Mapping, over: Mapping) -> dict:
    """Merge design spaces by name."""
    return dict(base) | {name: merge_space(base.get(name, {}), space) for name, space in over.items()}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML with text keys only (400 is '400'), and no key given twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        return {str(key): value for key, value in super().construct_mapping(node, deep).items()}


def read_yaml(path: Path) -> dict:
    """Read a YAML mapping; raises ConfigError for a missing file, broken syntax or another type."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}: not valid YAML{where} ({getattr(error, 'problem', None) or error})") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: got {_shown(content)}, expected a mapping")
    return content


@dataclass(frozen=True)
class Layers:
    """The settings by source, of which an earlier one wins over a later one: command line, preset, config.yaml."""

    layers: Mapping[str, Mapping]

    @cached_property
    def settings(self) -> dict:
        """What they say together; a dataset of another name drops the options of the one before it."""
        settings, spaces = {}, {}
        for layer in reversed(self.layers.values()):
            before = settings.get("dataset", {})
            if layer.get("dataset", {}).get("name") not in (None, before.get("name")):
                kept = {key: value for key, value in before.items() if key in OF_EVERY_DATASET}
                settings = settings | {"dataset": kept}
            settings = merge(settings, layer)
            spaces = merge_spaces(spaces, layer.get("design_spaces", {}))
        return settings | ({"design_spaces": spaces} if spaces else {})

    def source(self, *path: str | int) -> str:
        """Which source decides the setting at a path; the preset's file for one that no source states."""
        preset = list(self.layers)[1]
        return next((source for source, layer in self.layers.items() if path and _states(layer, path)), preset)


def _states(content: object, path: Iterable[str | int]) -> bool:
    for part in path:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


class Schemas:
    """The JSON schemas of a folder, by name."""

    def __init__(self, folder: Path) -> None:
        self.contents = {path.name: read_yaml(path) for path in sorted(folder.glob("*.yaml"))}
        resources = [(name, Resource.from_contents(content)) for name, content in self.contents.items()]
        self.registry = Registry().with_resources(resources)

    def check(self, content: Mapping, schema: str, source: str | Layers, partial: bool = False) -> None:
        """Raise ConfigError for the most telling violation of the schema; `partial` forgives missing keys."""
        errors = Draft202012Validator(self.contents[schema], registry=self.registry).iter_errors(content)
        error = best_match(error for error in errors if not (partial and error.validator == "required"))
        if error is not None:
            path, expectation = _explain(error)
            source = source.source(*path) if isinstance(source, Layers) else source
            raise ConfigError(f"{source}: {'.'.join(map(str, path)) or 'top level'}: {expectation}")


def _explain(error: ValidationError) -> tuple[list[str | int], str]:
    """The path to a schema violation, and what was expected there."""
    path, value = list(error.absolute_path), error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.schema.get("properties"), Mapping):
        known = error.schema["properties"]
        wrong = [key for key in error.instance if key not in known]
        return path, f"unknown key {wrong[0]!r}, expected one of {', '.join(known)}"
    if error.validator == "required":
        missing = [key for key in value if key not in error.instance]
        return path, f"missing key {missing[0]!r}"
    is_text_for_yaml = error.validator == "type" and re.fullmatch(r"-?[\d.]+[eE][+-]?\d+", str(error.instance))
    hint = "; YAML wants a dot and a sign with an exponent: 1.0e+6" if is_text_for_yaml else ""
    return path, f"got {_shown(error.instance)}, expected {_expected(error)}{hint}"


def _expected(error: ValidationError) -> str:
    """What should stand where a violation is, in words."""
    value, described = error.validator_value, error.schema.get("description", "")
    if error.validator == "anyOf" and not described:
        return " or ".join(dict.fromkeys(map(_expected, error.context)))
    if error.validator in ("required", "additionalProperties") and "properties" in error.schema:
        return f"the keys {', '.join(error.schema['properties'])}"
    words = TYPES.get(value, value) if error.validator == "type" else EXPECTED.get(error.validator, "")
    words = words.format(", ".join(map(str, value)) if isinstance(value, list) else value)
    return f"{words} ({described})" if words and described else words or described or error.message


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) < 60 else type(value).__name__


def resolve(name: str, declared: Mapping[str, Mapping], source: object) -> dict:
    """Follow `extends` from the root down; raises ConfigError for an unknown base or a circle."""
    chain, current = [], name
    while current is not None:
        if current not in declared:
            raise ConfigError(f"{source}: {chain[-1]}.extends: unknown design space {current!r}")
        if current in chain:
            raise ConfigError(f"{source}: {name}.extends: goes round in a circle ({' -> '.join([*chain, current])})")
        chain.append(current)
        current = declared[current].get("extends")
    resolved: dict = {}
    for ancestor in reversed(chain):
        resolved = merge_space(resolved, declared[ancestor])
    resolved.pop("extends", None)
    return resolved | {"name": name, "description": declared[name].get("description", "")}


def complete(definition: Mapping, settings: Mapping) -> dict:
    """Add to a design space what the preset says: skeleton, and the images' resolution, channels and classes."""
    skeleton, dataset = settings["skeleton"], settings["dataset"]
    defaults = {"resolution": dataset["resolution"], "stem_width": skeleton["stem_width"], "se_ratio": 0.0}
    whole = {
        "stem": skeleton["stem"],
        "strides": skeleton["strides"],
        "channels": dataset["channels"],
        "classes": dataset["classes"],
        "stages": 4,
        "block": "x",
    }
    return whole | dict(definition) | {"parameters": defaults | dict(definition.get("parameters", {}))}


def load(given: Mapping, folder: str | Path = "config") -> Configuration:
    """Read and check the configuration in `folder`; `given`, the command line's, wins. Raises ConfigError."""
    folder = Path(folder)
    schemas = Schemas(folder / "schemas")
    layers = _read_settings(given, folder, schemas)
    spaces = _read_spaces(layers, folder / "design_spaces.yaml", schemas)
    studies = read_yaml(folder / "studies.yaml")
    schemas.check(studies, "studies.schema.yaml", str(folder / "studies.yaml"))
    studies = merge(studies, layers.settings.get("studies", {}))
    schemas.check(studies, "studies.schema.yaml", f"{layers.source('studies')}: studies")
    configuration = Configuration(layers.settings, spaces, studies)
    _check_references(configuration, layers, folder / "studies.yaml")
    return configuration


def _read_settings(given: Mapping, folder: Path, schemas: Schemas) -> Layers:
    given = json.loads(json.dumps(given, default=str))  # keys are text, as in files
    general = read_yaml(folder / "config.yaml")
    preset = given.get("preset", general.get("preset"))
    path = folder / "presets" / f"{preset}.yaml"
    if not path.exists() and "dataset" not in given:
        source = COMMAND_LINE if "preset" in given else folder / "config.yaml"
        known = ", ".join(sorted(file.stem for file in (folder / "presets").glob("*.yaml")))
        raise ConfigError(f"{source}: preset: got {preset!r}, expected one of {known}")
    from_file, source = (read_yaml(path), str(path)) if path.exists() else ({}, f"{path} (no such file)")
    if from_file.get("preset", preset) != preset:
        raise ConfigError(f"{path}: preset: got {from_file['preset']!r}, expected the file's name {preset!r}")
    layers = {COMMAND_LINE: given, source: from_file, str(folder / "config.yaml"): general}
    for source, content in layers.items():
        schemas.check(content, "config.schema.yaml", source, partial=True)
    layers = Layers(layers)
    whole = {key: value for key, value in layers.settings.items() if key != "studies"}  # those add to studies.yaml
    schemas.check(whole, "config.schema.yaml", layers)
    _check_settings(layers)
    return layers


def _check_settings(layers: Layers) -> None:
    """Check what the schema cannot: names that become part of file names, intervals, the dataset's own options."""
    for kind in ("regimes", "recipes"):
        for name in layers.settings[kind]:
            if not re.fullmatch("[A-Za-z0-9_]+", name):
                raise ConfigError(f"{layers.source(kind, name)}: {kind}: got {name!r}, expected letters, digits and _")
    for name, regime in layers.settings["regimes"].items():
        for metric, (low, high) in regime.items():
            if not 0 < low < high:
                where = f"{layers.source('regimes', name, metric)}: regimes.{name}.{metric}"
                raise ConfigError(f"{where}: got [{low:g}, {high:g}], expected 0 < low < high")
    _check_dataset(layers)


def _check_dataset(layers: Layers) -> None:
    if found := complaint(layers.settings["dataset"]):
        key, message = found
        raise ConfigError(f"{layers.source('dataset', key)}: {message}")


def _read_spaces(layers: Layers, file: Path, schemas: Schemas) -> dict[str, dict]:
    declared, settings = read_yaml(file), layers.settings
    schemas.check(declared, "design_spaces.schema.yaml", str(file))
    sources = dict.fromkeys(declared, str(file))
    for name in settings.get("design_spaces", {}):
        source = layers.source("design_spaces", name)
        sources[name] = f"{file}, changed by {source}" if name in declared else f"{source}: design_spaces"
    declared = merge_spaces(declared, settings.get("design_spaces", {}))
    return {name: _checked_space(name, declared, settings, source) for name, source in sources.items()}


def _checked_space(name: str, declared: Mapping, settings: Mapping, source: str) -> dict:
    definition = resolve(name, declared, source)
    for key in ("family", "parameters"):
        if key not in definition:
            raise ConfigError(f"{source}: {name}: missing key {key!r}, stated neither here nor in a space it extends")
    definition = complete(definition, settings)
    if len(definition["strides"]) < definition["stages"]:
        strides = f"at most the {len(definition['strides'])} of strides"
        raise ConfigError(f"{source}: {name}.stages: got {definition['stages']}, expected {strides}")
    try:
        space = Space.from_definition(definition)
        if space.constraints:  # a few draws show whether they speak of what there is
            decide(space, {}, np.random.default_rng(0).random((8, space.uniforms_per_draw)))
    except ValueError as error:
        raise ConfigError(f"{source}: {name}: {error}") from None
    return definition


def _check_references(configuration: Configuration, layers: Layers, file: Path) -> None:
    settings = configuration.settings
    for study in configuration.run_studies:
        if study not in configuration.studies:
            expected = ", ".join(configuration.studies)
            raise ConfigError(f"{layers.source('run_studies')}: run_studies: got {study!r}, expected one of {expected}")
    for study, content in configuration.studies.items():
        changed = study in settings.get("studies", {})
        source = f"{layers.source('studies', study)}: studies" if changed else file
        for space in content.get("sizes_of", []):
            if space not in configuration.spaces:
                raise ConfigError(f"{source}: {study}.sizes_of: unknown design space {space!r}")
        for panel, curves in configuration.curves(study).items():
            wanted = {"space": configuration.spaces}
            if study in configuration.run_studies:
                wanted |= {"regime": settings["regimes"], "recipe": settings["recipes"]}
            for curve, (kind, known) in itertools.product(curves, wanted.items()):
                if curve[kind] not in known:
                    where = f"{source}: {study}.panels.{panel}"
                    raise ConfigError(f"{where}: unknown {kind} {curve[kind]!r}, expected one of {', '.join(known)}")
    for name in settings.get("population_sizes", {}):
        if name not in configuration.populations:
            raise ConfigError(
                f"{layers.source('population_sizes', name)}: population_sizes: unknown population {name!r}"
            )
