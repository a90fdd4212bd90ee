"""The JSON schemas of the configuration, and their violations in one line for the person who wrote the file."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker, validators
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource

from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import Layers
from netspaces.configuration.names import filled, known_names
from netspaces.configuration.yaml_files import read_yaml, shown

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


def _is_integer(checker: TypeChecker, value: object) -> bool:
    """Whether a value is written as a whole number: 2.0 is not, though JSON schemas take it for one."""
    return isinstance(value, int) and not isinstance(value, bool)


Validator = validators.extend(
    Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
)


class Schemas:
    """The JSON schemas of a folder, by the names of their files, with the names that registries know now."""

    def __init__(self, folder: Path) -> None:
        names = known_names()
        self.contents: dict[str, Any] = {
            path.name: filled(read_yaml(path), names) for path in sorted(folder.glob("*.yaml"))
        }
        resources = [(name, Resource.from_contents(content)) for name, content in self.contents.items()]
        self.registry: Registry = Registry().with_resources(resources)

    def check(self, content: Mapping, schema: str, source: str | Layers, partial: bool = False) -> None:
        """Raise ConfigError for the most telling violation of the schema; `partial` forgives missing keys."""
        errors = Validator(self.contents[schema], registry=self.registry).iter_errors(content)
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
    return path, f"got {shown(error.instance)}, expected {_expected(error)}{hint}"


def _expected(error: ValidationError) -> str:
    """What should stand where a violation is, in words."""
    value, described = error.validator_value, error.schema.get("description", "")
    if error.validator == "anyOf" and not described:
        return " or ".join(dict.fromkeys(map(_expected, error.context)))
    if error.validator in ("required", "additionalProperties") and "properties" in error.schema:
        return f"the keys {', '.join(error.schema['properties'])}"
    words = EXPECTED.get(error.validator, "")
    if error.validator == "type":
        words = " or ".join(TYPES.get(str(kind), str(kind)) for kind in (value if isinstance(value, list) else [value]))
    words = words.format(", ".join(map(str, value)) if isinstance(value, list) else value)
    return f"{words} ({described})" if words and described else words or described or error.message
