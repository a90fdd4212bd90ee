"""Configuration: design spaces, studies and a preset, read, checked and resolved into populations.

Everything that is wrong is said in one line that names the file, the key and what was expected, before any job starts.
Nothing is sampled here: reading the configuration is cheap, since every job of the workflow repeats it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource

from netspaces.spaces import Space

COMBINED = "configuration (config.yaml, preset, command line)"


class ConfigError(ValueError):
    """Wrong configuration; the message names file, key and expectation."""


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

    def shards(self, models_per_job: int) -> dict[str, list[int]]:
        """The indices each training job trains, by the job's name: `00007`, or `00000-00024` for 25 networks."""
        starts = range(0, self.n, models_per_job)
        groups = [list(range(start, min(start + models_per_job, self.n))) for start in starts]
        return {f"{g[0]:05d}" if models_per_job == 1 else f"{g[0]:05d}-{g[-1]:05d}": g for g in groups}


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
                    definition=self.spaces[curve["space"]],
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
    """Merge design spaces: as `merge`, but a complete distribution replaces one, and an order replaces an order."""
    merged = merge(base, over)
    for name, declared in over.get("parameters", {}).items():
        if not isinstance(declared, Mapping) or "choice" in declared or "distribution" in declared:
            merged["parameters"][name] = declared
    for name, declared in over.get("monotone", {}).items():
        merged["monotone"][name] = declared
    return merged


def read_yaml(path: Path) -> dict:
    """Read a YAML mapping; raises ConfigError for a missing file, broken syntax or another type."""
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}: not valid YAML{where} ({getattr(error, 'problem', error)})") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected keys and values, got {type(content).__name__}")
    return content


class Schemas:
    """The JSON schemas of a folder, by name."""

    def __init__(self, folder: Path) -> None:
        self.contents = {path.name: read_yaml(path) for path in sorted(folder.glob("*.yaml"))}
        resources = [(name, Resource.from_contents(content)) for name, content in self.contents.items()]
        self.registry = Registry().with_resources(resources)

    def check(self, content: Mapping, schema: str, source: object) -> None:
        """Raise ConfigError with one line for the most telling violation of the schema."""
        validator = Draft202012Validator(self.contents[schema], registry=self.registry)
        error = best_match(validator.iter_errors(content))
        if error is not None:
            raise ConfigError(f"{source}: {_key(error)}: {_expectation(error)}")


def _key(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.absolute_path) or "top level"


def _expectation(error: ValidationError) -> str:
    """What a schema violation means to the person who wrote the file."""
    if error.validator == "additionalProperties" and isinstance(error.schema.get("properties"), Mapping):
        known = error.schema["properties"]
        wrong = [key for key in error.instance if key not in known]
        return f"unknown key {wrong[0]!r}, expected one of {', '.join(known)}"
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"missing key {missing[0]!r}"
    shown = str(error.instance) if len(str(error.instance)) < 60 else type(error.instance).__name__
    expected = {
        "type": "a {}",
        "enum": "one of {}",
        "minimum": "at least {}",
        "maximum": "at most {}",
        "exclusiveMinimum": "more than {}",
        "exclusiveMaximum": "less than {}",
        "minItems": "at least {} values",
        "maxItems": "at most {} values",
        "pattern": "a name that matches {}",
    }
    if error.validator in expected:
        value = error.validator_value
        value = ", ".join(map(str, value)) if isinstance(value, list) else value
        return f"got {shown}, expected {expected[error.validator].format(value)}"
    described = error.schema.get("description") if isinstance(error.schema, Mapping) else None
    return f"got {shown}, expected {described}" if described else error.message.splitlines()[0]


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
    """Read and check the configuration in `folder`; `given` is what the command line says and wins over all files.

    Raises ConfigError.
    """
    folder = Path(folder)
    schemas = Schemas(folder / "schemas")
    general = read_yaml(folder / "config.yaml")
    preset = given.get("preset", general.get("preset"))
    path = folder / "presets" / f"{preset}.yaml"
    if not path.exists() and "dataset" not in given:
        known = ", ".join(sorted(file.stem for file in (folder / "presets").glob("*.yaml")))
        raise ConfigError(f"{folder}/config.yaml: preset: got {preset!r}, expected one of {known}")
    from_file = read_yaml(path) if path.exists() else {}
    schemas.check(merge(general, from_file), "config.schema.yaml", path)
    settings = merge(merge(general, from_file), given)
    schemas.check(settings, "config.schema.yaml", COMBINED)

    declared = read_yaml(folder / "design_spaces.yaml")
    schemas.check(declared, "design_spaces.schema.yaml", folder / "design_spaces.yaml")
    for name, overlay in settings.get("design_spaces", {}).items():
        declared[name] = merge_space(declared.get(name, {}), overlay)
    studies = read_yaml(folder / "studies.yaml")
    schemas.check(studies, "studies.schema.yaml", folder / "studies.yaml")
    studies = merge(studies, settings.get("studies", {}))

    spaces = {name: _checked_space(name, declared, settings, folder / "design_spaces.yaml") for name in declared}
    _check_ranges(settings, path)
    configuration = Configuration(settings, spaces, studies)
    _check_references(configuration, folder / "studies.yaml", path)
    return configuration


def _checked_space(name: str, declared: Mapping, settings: Mapping, source: Path) -> dict:
    definition = resolve(name, declared, source)
    for key in ("family", "parameters"):
        if key not in definition:
            raise ConfigError(f"{source}: {name}: missing key {key!r}, stated neither here nor in a space it extends")
    definition = complete(definition, settings)
    if len(definition["strides"]) < definition["stages"]:
        raise ConfigError(f"{source}: {name}.stages: got {definition['stages']}, expected at most the preset's strides")
    try:
        Space.from_definition(definition)
    except ValueError as error:
        raise ConfigError(f"{source}: {name}: {error}") from None
    return definition


def _check_ranges(settings: Mapping, source: Path) -> None:
    for name, regime in settings["regimes"].items():
        for metric, (low, high) in regime.items():
            if not 0 < low < high:
                raise ConfigError(f"{source}: regimes.{name}.{metric}: got [{low:g}, {high:g}], expected 0 < low < high")


def _check_references(configuration: Configuration, source: Path, preset: Path) -> None:
    for study in configuration.run_studies:
        if study not in configuration.studies:
            raise ConfigError(f"{preset}: run_studies: unknown study {study!r}")
    for study, content in configuration.studies.items():
        for space in content.get("sizes_of", []):
            if space not in configuration.spaces:
                raise ConfigError(f"{source}: {study}.sizes_of: unknown design space {space!r}")
        for panel, curves in configuration.curves(study).items():
            for curve in curves:
                where = f"{study}.panels.{panel}"
                if curve["space"] not in configuration.spaces:
                    raise ConfigError(f"{source}: {where}: unknown design space {curve['space']!r}")
                for kind in ("regime", "recipe"):
                    known = configuration.settings[f"{kind}s"]
                    if study in configuration.run_studies and curve[kind] not in known:
                        expected = ", ".join(known)
                        raise ConfigError(f"{source}: {where}: {kind} {curve[kind]!r} is not in the preset ({expected})")
    for name in configuration.settings.get("population_sizes", {}):
        if name not in configuration.populations:
            raise ConfigError(f"{preset}: population_sizes: unknown population {name!r}")
