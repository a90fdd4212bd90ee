"""The JSON schemas of the configuration, and their violations in one line for the person who wrote the file."""

import pickle
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker, validators
from jsonschema.exceptions import ValidationError, best_match, relevance
from referencing import Registry, Resource

from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import Layers
from netspaces.configuration.names import filled, known_names
from netspaces.configuration.yaml_files import read_yaml, shown, shown_text
from netspaces.files.suggestions import did_you_mean, one_of

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
    "maxLength": "at most {} characters",
    "minLength": "some text",
    "pattern": "a name that matches {}",
}


def _is_integer(checker: TypeChecker, value: object) -> bool:
    """Whether a value is a whole number for Python: 2.0 is not, and `Schemas.check` makes it one."""
    return isinstance(value, int) and not isinstance(value, bool)


def _matches(validator: Any, pattern: str, value: object, schema: Mapping) -> Iterator[ValidationError]:
    """Violations of a pattern, whose $ means the end: Python's means before a last line break too."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


Validator = validators.extend(
    Draft202012Validator,
    validators={"pattern": _matches},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


class Schemas:
    """The JSON schemas of a folder, by the names of their files, with the names that registries know now."""

    def __init__(self, folder: Path) -> None:
        names = known_names()
        self.contents: dict[str, Any] = {
            path.name: filled(read_yaml(path), names) for path in sorted(folder.glob("*.yaml"))
        }

    def check(self, content: Mapping, schema: str, source: str | Layers, partial: bool = False) -> dict:
        """The content, with 2.0 as 2 where the schema wants an integer.

        Raises ConfigError for the most telling violation of the schema; `partial` forgives missing keys.
        """
        errors = self._violations(content, schema)
        if whole := {tuple(error.absolute_path): int(error.instance) for error in _integral_floats(errors)}:
            content = _replaced(content, whole)
            errors = self._violations(content, schema)
        if errors := [error for error in errors if not (partial and error.validator == "required")]:
            path, expectation = _explain(_most_telling(errors))
            source = source.source(*path) if isinstance(source, Layers) else source
            raise ConfigError(f"{source}: {shown_text('.'.join(map(str, path))) or 'top level'}: {expectation}")
        return dict(content)

    def _violations(self, content: Mapping, schema: str) -> list[ValidationError]:
        return list(_violations(pickle.dumps(self.contents), schema, pickle.dumps(content)))


@lru_cache(maxsize=64)
def _violations(schemas: bytes, schema: str, content: bytes) -> tuple[ValidationError, ...]:
    """The violations of one of some pickled schemas by pickled content; the same is asked for once in a process."""
    contents = pickle.loads(schemas)
    resources = [(name, Resource.from_contents(own)) for name, own in contents.items()]
    registry: Registry = Registry().with_resources(resources)
    return tuple(Validator(contents[schema], registry=registry).iter_errors(pickle.loads(content)))


def _integral_floats(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The violations that are only that a whole number is written as 2.0."""
    for error in errors:
        if error.validator == "type" and error.validator_value == "integer" and isinstance(error.instance, float):
            if error.instance.is_integer():
                yield error
        yield from _integral_floats(error.context or ())


def _replaced(content: Any, values: Mapping[tuple, int], path: tuple = ()) -> Any:
    """Content with other values at some paths."""
    if isinstance(content, Mapping):
        return {key: _replaced(part, values, (*path, key)) for key, part in content.items()}
    if isinstance(content, list):
        return [_replaced(part, values, (*path, index)) for index, part in enumerate(content)]
    return values.get(path, content)


def _most_telling(errors: Iterable[ValidationError]) -> ValidationError:
    """The violation to tell of: of alternatives, in the mapping that was meant, by the keys that it must have."""
    error = max(errors, key=relevance)
    if error.validator != "anyOf" or not isinstance(error.instance, Mapping):
        return best_match([error])
    alternatives: dict[object, list[ValidationError]] = {}
    for child in error.context:
        alternatives.setdefault(child.schema_path[0], []).append(child)
    own = len(error.absolute_path)
    unmeant = ("type", "required", "enum", "const", "anyOf")
    meant = [
        children
        for children in alternatives.values()
        if not any(len(child.absolute_path) == own and child.validator in unmeant for child in children)
    ]
    return _most_telling(meant[0]) if len(meant) == 1 else best_match([error])


def _explain(error: ValidationError) -> tuple[list[str | int], str]:
    """The path to a schema violation, and what was expected there."""
    path, value = list(error.absolute_path), error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.schema.get("properties"), Mapping):
        known = error.schema["properties"]
        wrong = [key for key in error.instance if key not in known]
        return path, f"unknown key {shown(wrong[0])}, expected {one_of(wrong[0], known)}"
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
    words += did_you_mean(error.instance, value) if error.validator == "enum" else ""
    return f"{words} ({described})" if words and described else words or described or error.message
