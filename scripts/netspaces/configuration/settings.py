"""Settings: YAML files and the command line, merged layer by layer and checked against JSON schemas.

Everything that is wrong is said in one line that names the file, the key and what was expected.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource

from netspaces.configuration.datasets import FIRST, SECOND, without_second
from netspaces.data.options import OF_EVERY_DATASET

TYPES = {"object": "a mapping", "array": "a list", "string": "text", "integer": "an integer", "number": "a number"}
EXPECTED = {  # what the keywords of a schema mean to the person who wrote the file
    "enum": "one of {}",
    "const": "{}",
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


def merge(base: Mapping, over: Mapping) -> dict:
    """Deep merge: mappings are merged, anything else in `over` replaces what `base` has."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def merge_space(base: Mapping, over: Mapping) -> dict:
    """Merge design spaces: as `merge`, but only part of a range merges, with a range; an order replaces an order."""
    merged = merge(base, over)
    for key in ("parameters", "recipe"):
        before = base.get(key, {})
        for name, declared in over.get(key, {}).items():
            both = _is_range(declared) and _is_range(before.get(name))
            if not both or {"distribution", "low", "high"}.issubset(declared):
                merged[key][name] = declared
    return merged | ({"monotone": base.get("monotone", {}) | over["monotone"]} if "monotone" in over else {})


def _is_range(declared: object) -> bool:
    return isinstance(declared, Mapping) and not {"choice", "per_stage"}.intersection(declared)


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
        """What they say together; a dataset of another name drops the options of the one before it, and its second."""
        settings, spaces = {}, {}
        for layer in reversed(self.layers.values()):
            settings = _for_other_datasets(settings, layer)
            settings = merge(settings, layer)
            spaces = merge_spaces(spaces, layer.get("design_spaces", {}))
        return settings | ({"design_spaces": spaces} if spaces else {})

    def source(self, *path: str | int) -> str:
        """Which source decides the setting at a path; the preset's file for one that no source states."""
        preset = list(self.layers)[1]
        return next((source for source, layer in self.layers.items() if path and _states(layer, path)), preset)


def _for_other_datasets(settings: Mapping, layer: Mapping) -> dict:
    """Settings without the options of datasets that a layer replaces; a second dataset goes with the first."""
    for key in (FIRST, SECOND):
        before = settings.get(key, {})
        if layer.get(key, {}).get("name") not in (None, before.get("name")):
            settings = without_second(settings) if key == FIRST else settings
            kept = {name: value for name, value in before.items() if name in OF_EVERY_DATASET}
            settings = dict(settings) | {key: kept}
    return dict(settings)


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
